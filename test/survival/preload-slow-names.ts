// No name is resolved within an hour, and each that is asked for keeps the process until then.
import dns from 'node:dns';
import { writeSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const HOUR_MS = 3_600_000;

Object.assign(dns, {
  lookup: (_name: string, ...rest: readonly unknown[]) => {
    const answer = rest.at(-1) as (error: Error) => void;
    setTimeout(() => answer(new Error('too late')), HOUR_MS);
    writeSync(2, 'a name is being resolved\n');
  },
});
syncBuiltinESMExports();
