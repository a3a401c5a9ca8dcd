import { FINDING_KINDS } from '../../domain/findings.ts';
import { ATTRIBUTES, type Columns, MANAGER, PLACE, SEEN, TOLD } from './columns.ts';

export interface ViewText {
  /** What a row is, and which rows there are. */
  readonly means: string;
  readonly columns: Columns;
  /** Columns by which rows are grouped usefully: few values each. */
  readonly facets?: readonly string[];
  /** Columns by which people may sort: a large view is sorted in memory. */
  readonly sortable?: readonly string[];
  /** The column whose largest values are the newest rows. */
  readonly newestBy?: string;
}

/** Every public view and column, in their order: the README and Datasette show what stands here. */
export const VIEWS = {
  employees: {
    means: 'One row per employee of the published state',
    columns: { ...TOLD, ...MANAGER, ...PLACE, ...SEEN, ...ATTRIBUTES },
    sortable: ['name', 'department', 'depth', 'direct_reports', 'total_reports'],
  },
  reporting_lines: {
    means: 'One row per employee of the published state and manager value, as the directory has it',
    columns: {
      employee_id: 'id of the employee',
      manager_id: 'id of the manager; null where the value names nobody in the published state',
      manager_dn:
        'The manager value as the directory has it: a DN, or what --manager-value says; text after U+FFFD was no valid UTF-8',
      is_primary: '1 for the line that is followed in trees, chains and totals, otherwise 0',
    },
    facets: ['is_primary'],
  },
  employee_history: {
    means:
      'One row per employee and what the directory said of them for a time, as far back as history is kept. What is derived (depth, spans) is not part of it',
    columns: {
      ...TOLD,
      manager_id:
        'id of the primary manager when it began to hold; null for a root, and where no line led to a root',
      manager_dn: 'DN that this manager had then; null where there was none',
      ...ATTRIBUTES,
      valid_from: 'Start of the first published run for which it holds',
      valid_to:
        'Start of the published run for which it does not any more: something differs, or the person is not published; null: it holds now',
    },
  },
  changes: {
    means:
      'One row per employee, kind of change and published run, compared with the run published before. The first published run has none',
    columns: {
      run_id: 'id of the run',
      at: 'Start of that run',
      employee_id: 'id of the employee',
      kind: 'One of joined, left (not in the directory any more), detached (in the directory, with no manager in the crawl), returned (after having left or been detached), moved (other managers), changed (another DN or attribute)',
      before:
        'JSON object of what differs, by column, as it was; null where the person was not published',
      after:
        'JSON object of what differs, by column, as it became; null where the person is not published any more',
    },
    facets: ['kind', 'run_id'],
    newestBy: 'run_id',
  },
  runs: {
    means: 'One row per run, whatever became of it',
    columns: {
      id: 'Number of the run; numbers only grow',
      status:
        'One of running, interrupted, published, partial, held, abandoned, failed. interrupted: the next crawl continues it; partial: published, though some branches failed; held: complete, and not shown before orgwalk publish releases it',
      question:
        'JSON object of what was asked: base, roots, filter, manager link, mapping, id attribute',
      started_at: 'When it began',
      finished_at: 'When it was over; null: it is not',
      published_at: 'When readers saw it first; null: never',
      employees: 'Number of employees; of an unfinished run, of those seen so far',
      searches: 'Search requests on the wire, pages and probes included',
      entries: 'Entries that the server sent',
      pages: 'Pages that the server sent',
      retries: 'Requests that were repeated',
      failed_branches: 'Managers whose reports could not be read: see failures',
      joined: 'Number of people who joined, against the run published before',
      left: 'Number of people who left',
      detached: 'Number of people who became detached',
      returned: 'Number of people who returned',
      moved: 'Number of people whose managers differ',
      changed: 'Number of people of whom anything else differs',
    },
    facets: ['status'],
    newestBy: 'id',
  },
  failures: {
    means:
      'One row per run and manager whose reports could not be read: whoever is below stays as they were',
    columns: {
      run_id: 'id of the run',
      employee_id: 'id of the manager',
      dn: 'DN of the manager',
      reason:
        'One of denied, limit, timeout, poison, unreadable, unknown_code. poison: the server goes down, or the connection ends, each time',
      result_code: 'LDAP result code (RFC 4511 §4.1.9); null where no answer came',
      attempts: 'How often it was tried',
      last_error: 'What was said at the last attempt',
    },
    facets: ['reason', 'run_id'],
    newestBy: 'run_id',
  },
  findings: {
    means: "One row per problem in the directory's data that the published run found",
    columns: {
      kind: `One of ${FINDING_KINDS.join(', ')}`,
      employee_id: 'id of the person concerned; null where it concerns nobody in particular',
      detail: 'What exactly: the manager value, the column, the other entry …',
      first_seen_at: 'Start of the first published run that found it, and every one since',
      last_seen_at: 'Start of the published run, which found it',
    },
    facets: ['kind'],
  },
  crawl_employees: {
    means: 'One row per employee seen so far by the unfinished run; empty where there is none',
    columns: {
      ...TOLD,
      manager_id: 'id of the first manager that was seen by the run; null where none was',
      manager_dn: 'First manager value as the directory has it; null where there is none',
      first_seen_at: 'Start of the run that saw the person first',
      changed_at: 'Start of the run since which the directory has said what is told here',
      confirmed_at: 'Start of the unfinished run',
      ...ATTRIBUTES,
    },
  },
} as const satisfies Readonly<Record<string, ViewText>>;
