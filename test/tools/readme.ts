// node test/tools/readme.ts writes the generated parts of README.md, and config/datasette.yaml, anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { datasetteYaml } from '../support/datasette.ts';
import { privateTables, regenerated } from '../support/readme.ts';

const README = new URL('../../README.md', import.meta.url);
writeFileSync(README, regenerated(readFileSync(README, 'utf8')));
writeFileSync(
  new URL('../../config/datasette.yaml', import.meta.url),
  datasetteYaml(privateTables()),
);
