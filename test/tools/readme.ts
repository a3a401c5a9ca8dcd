// node test/tools/readme.ts writes the generated parts of README.md anew.
import { readFileSync, writeFileSync } from 'node:fs';
import { regenerated } from '../support/readme.ts';

const README = new URL('../../README.md', import.meta.url);
writeFileSync(README, regenerated(readFileSync(README, 'utf8')));
