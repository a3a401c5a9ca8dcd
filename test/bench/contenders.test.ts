import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { withTemporaryDirectory } from '../support/temporary.ts';
import { keyOf } from './contenders/dn.ts';

const SUFFIX = 'ou=people,dc=example,dc=com';

/** As ldapsearch writes it, the cookie between two pages included. */
const LDIF = `dn: uid=boss,${SUFFIX}
objectClass: person
cn: Boss
manager: uid=boss,${SUFFIX}
manager: uid=b,${SUFFIX}

# pagedresults: cookie=8AMAAAAAAAA=

dn: uid=b,${SUFFIX}
objectClass: person
cn:: QsO2cm4=
manager: UID=boss, ${SUFFIX}

dn: uid=c,${SUFFIX}
cn: Cy
manager: uid=b,${SUFFIX}
manager: uid=boss,${SUFFIX}

dn: uid=d,${SUFFIX}
cn: Dee
manager: uid=c,${SUFFIX}

dn: uid=lost,${SUFFIX}
cn: Lost
manager: uid=gone,${SUFFIX}

`;

/** What a script prints, and the rows of `sql` in the file that it writes. */
function run(script: string, sql: string): Promise<readonly [unknown, readonly unknown[]]> {
  return withTemporaryDirectory(async (dir) => {
    const path = join(dir, 'p.db');
    const file = fileURLToPath(new URL(`contenders/${script}.ts`, import.meta.url));
    const options = { input: LDIF, encoding: 'utf8' } as const;
    const { stdout } = spawnSync(process.execPath, [file, path, `uid=boss,${SUFFIX}`], options);
    const database = new Database(path, { readonly: true });
    const rows = database.prepare(sql).raw().all();
    database.close();
    return [JSON.parse(stdout), rows];
  });
}

describe('the scripts that orgwalk is compared with', () => {
  it('take everyone into one table', async () => {
    const [told, rows] = await run('ldif-to-table', 'SELECT cn, objectClass FROM people');
    expect(told).toEqual({ employees: 5 });
    expect(rows.slice(0, 2)).toEqual([
      ['Boss', 'person'],
      ['Börn', 'person'],
    ]);
  });

  it('know depth, spans and totals below the root, whatever circles there are', async () => {
    const [told, rows] = await run(
      'ldif-to-organisation',
      'SELECT manager, depth, direct_reports, total_reports FROM places',
    );
    expect(told).toEqual({ employees: 4 });
    expect(rows).toEqual([
      [null, 0, 2, 3],
      [1, 1, 2, 0],
      [1, 1, 1, 1],
      [3, 2, 0, 0],
      [null, null, 0, 0],
    ]);
  });

  it('find people by name', async () => {
    const sql = "SELECT cn FROM search WHERE search MATCH 'born'";
    expect((await run('ldif-to-organisation', sql))[1]).toEqual([['Börn']]);
  });

  it.each([
    'CN=Smith\\, J\\C3\\B6rg+uid=x,OU=R&D,dc=example,dc=com',
    'uid=x+commonName=smith\\2C  jörg , ou=r&d,DC=example, dc=com',
    '0.9.2342.19200300.100.1.1=X+2.5.4.3="Smith, Jörg",ou=R&D,dc=example,dc=com',
  ])('take %s for the same name as any other spelling of it', (dn) => {
    expect(keyOf(dn)).toBe('cn=smith, jörg+uid=x,ou=r&d,dc=example,dc=com');
  });
});
