// config/datasette.yaml, which is written from the catalogue of the views.
import { stringify } from 'yaml';
import { QUESTIONS } from '../../src/store/catalogue/questions.ts';
import { VIEWS, type ViewText } from '../../src/store/catalogue/views.ts';

/** Datasette takes the name of a database from its file: orgwalk.db. */
const DATABASE = 'orgwalk';

const HEADING = `# What Datasette (https://datasette.io) shows about the views of an orgwalk database, and questions to start from:
#   orgwalk backup /srv/datasette/orgwalk.db --mode 0640
#   datasette serve --immutable /srv/datasette/orgwalk.db --metadata datasette.yaml
# From Datasette 1.0 on, give this file as --config, too. The name below "databases" is that of the file, without .db.
`;

const DESCRIPTION =
  'Who reports to whom, as the directory says. Times are UTC, such as 2026-11-23T01:02:03.456Z. Tables whose names begin with _ are private: they may change with any version.';

/**
 * The metadata file for Datasette: descriptions of views and columns, saved questions.
 * @param hidden tables and views that are no promise, and not shown
 */
export function datasetteYaml(hidden: readonly string[]): string {
  const tables = [
    ...Object.entries<ViewText>(VIEWS).map(([name, view]) => [name, tableOf(view)]),
    ...hidden.map((name) => [name, { hidden: true }]),
  ];
  const database = {
    description: DESCRIPTION,
    tables: Object.fromEntries(tables),
    queries: queriesOf(),
  };
  const metadata = { title: 'Org chart', databases: { [DATABASE]: database } };
  return `${HEADING}${stringify(metadata, { lineWidth: 0 })}`;
}

function tableOf({ means, columns, facets, sortable, newestBy }: ViewText) {
  return {
    description: means,
    columns,
    ...(facets === undefined ? {} : { facets }),
    ...(sortable === undefined ? {} : { sortable_columns: sortable }),
    ...(newestBy === undefined ? {} : { sortable_columns: [newestBy], sort_desc: newestBy }),
  };
}

function queriesOf() {
  const entries = Object.entries(QUESTIONS).map(([name, { title, means, sql }]) => [
    name,
    { title, description: means, sql },
  ]);
  return Object.fromEntries(entries);
}
