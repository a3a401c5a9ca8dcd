// Preloaded into the real program: somebody sets the wall clock in mid-crawl, `?step=` by so many ms, at the write to a
// socket that `&after=` counts.
import { Socket } from 'node:net';

const { searchParams } = new URL(import.meta.url);
const STEP_MS = Number(searchParams.get('step'));
const AFTER = Number(searchParams.get('after'));
const RealDate = Date;
const write = Socket.prototype.write;
let writes = 0;

function offset(): number {
  return writes >= AFTER ? STEP_MS : 0;
}

globalThis.Date = new Proxy(RealDate, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
  get: (target, property) => (property === 'now' ? now : Reflect.get(target, property)),
});

function now(): number {
  return RealDate.now() + offset();
}

Socket.prototype.write = function (this: Socket, ...args: Parameters<Socket['write']>) {
  writes += 1;
  if (writes === AFTER) process.stderr.write(`The wall clock was set by ${STEP_MS} ms\n`);
  return write.apply(this, args);
} as Socket['write'];
