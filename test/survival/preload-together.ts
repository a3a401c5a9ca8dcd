// Lets two processes reach for the lock at one instant; whoever gets it opens the database when the file `go` is in `?folder=…`.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

const folder = new URL(import.meta.url).searchParams.get('folder') ?? '';
const { exec, pragma } = Database.prototype;
const pause = new Int32Array(new SharedArrayBuffer(4));

Database.prototype.exec = function (sql) {
  if (sql === 'BEGIN EXCLUSIVE') {
    writeFileSync(join(folder, String(process.pid)), '');
    waitUntil(() => readdirSync(folder).length >= 2);
  }
  return exec.call(this, sql);
};

Database.prototype.pragma = function (source, options) {
  if (!(this.readonly || this.name.endsWith('.lock')))
    waitUntil(() => existsSync(join(folder, 'go')));
  return pragma.call(this, source, options);
};

function waitUntil(isSo: () => boolean): void {
  while (!isSo()) Atomics.wait(pause, 0, 0, 1);
}
