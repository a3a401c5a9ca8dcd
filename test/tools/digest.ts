// node test/tools/digest.ts DB … prints the digest of each database.
import { digestDatabase } from '../support/digest.ts';

const paths = process.argv.slice(2);
if (paths.length === 0) {
  process.stderr.write('Error: no database named\nTry: node test/tools/digest.ts FILE.db\n');
  process.exitCode = 2;
}
for (const path of paths) process.stdout.write(`${digestDatabase(path)}  ${path}\n`);
