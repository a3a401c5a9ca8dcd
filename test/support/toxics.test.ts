import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Ending } from './proxy/shape.ts';
import { type ProxyOptions, type TcpProxy, withProxy } from './proxy.ts';
import {
  Bandwidth,
  CutOnce,
  type Direction,
  Down,
  Latency,
  LimitedData,
  Reset,
  Silence,
  Slicer,
  SlowClose,
  type Toxic,
} from './toxics.ts';

interface Echo {
  readonly proxy: TcpProxy;
  /** What arrived at the server, in its pieces, over all connections. */
  readonly arrived: readonly string[];
}

/** An echo server behind a proxy. */
async function withEcho(options: Omit<ProxyOptions, 'to'>, use: (echo: Echo) => Promise<void>) {
  const arrived: string[] = [];
  const server = createServer((socket) => {
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk) => arrived.push(String(chunk)));
    socket.pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port: to } = server.address() as AddressInfo;
  try {
    await withProxy({ to, ...options }, (proxy) => use({ proxy, arrived }));
  } finally {
    server.close();
  }
}

/** What one connection got to read before it ended, and how it ended. */
interface Told {
  readonly pieces: string[];
  ending: string;
}

/** Sends `text`; resolves when the connection has ended, or when `until` characters have come back. */
async function say(proxy: TcpProxy, text: string, until = text.length): Promise<Told> {
  const socket: Socket = connect({ port: proxy.port, host: '127.0.0.1' });
  const told: Told = { pieces: [], ending: 'open' };
  const over = Promise.withResolvers<void>();
  socket.on('data', (chunk) => {
    told.pieces.push(String(chunk));
    if (told.pieces.join('').length >= until) over.resolve();
  });
  socket.on('error', (error: NodeJS.ErrnoException) => {
    told.ending = error.code ?? 'error';
  });
  socket.on('end', () => {
    told.ending = 'FIN';
  });
  socket.on('close', () => over.resolve());
  socket.write(text);
  await over.promise;
  socket.destroy();
  return told;
}

const textOf = ({ pieces }: Told) => pieces.join('');

describe('a toxic', () => {
  it.each<[string, Toxic]>([
    ['latency', new Latency(4, 3)],
    ['bandwidth', new Bandwidth(20_000)],
    ['slow close', new SlowClose(5)],
    ['slicer', new Slicer(1)],
    ['limited data that suffices', new LimitedData(1_000)],
    ['silence for another', new Silence(0, { from: 2 })],
    ['down for another', new Down({ from: 2 })],
  ])('of %s changes no byte', async (_name, toxic) => {
    const text = 'nothing is lost '.repeat(8);
    await withEcho({ toxics: [toxic] }, async ({ proxy }) => {
      expect(textOf(await say(proxy, text))).toBe(text);
    });
  });

  it('slices both ways', async () => {
    await withEcho({ toxics: [new Slicer(1)] }, async ({ proxy, arrived }) => {
      const { pieces } = await say(proxy, 'sliced');
      expect([arrived.join(''), pieces.join('')]).toEqual(['sliced', 'sliced']);
      expect(arrived.length).toBeGreaterThan(1);
    });
  });

  it('resets whoever it is down for, and nobody else', async () => {
    await withEcho({ toxics: [new Down({ from: 2, to: 3 })] }, async ({ proxy }) => {
      const told = [];
      for (let i = 0; i < 4; i += 1) told.push(await say(proxy, 'x'));
      expect(told.map(textOf)).toEqual(['x', '', '', 'x']);
      expect(told[1]?.ending).toBe('ECONNRESET');
    });
  });

  it('concerns every so manieth connection', async () => {
    const toxic = new LimitedData(1, { from: 2, every: 2 });
    await withEcho({ toxics: [toxic] }, async ({ proxy }) => {
      const told = [];
      for (let i = 0; i < 4; i += 1) told.push(textOf(await say(proxy, 'xyz')));
      expect(told).toEqual(['xyz', 'x', 'xyz', 'x']);
    });
  });

  it('resets after a time', async () => {
    await withEcho({ toxics: [new Reset(5)] }, async ({ proxy }) => {
      expect(await say(proxy, 'x', 2)).toEqual({ pieces: ['x'], ending: 'ECONNRESET' });
    });
  });

  it('adds up with others', async () => {
    const toxics = [new LimitedData(5), new Slicer(1), new Latency(2)];
    await withEcho({ toxics }, async ({ proxy }) => {
      const told = await say(proxy, 'hello world');
      expect([textOf(told), told.ending]).toEqual(['hello', 'FIN']);
    });
  });

  it('can be set later, for connections to come', async () => {
    await withEcho({}, async ({ proxy }) => {
      expect(textOf(await say(proxy, 'abc'))).toBe('abc');
      proxy.setToxics(new LimitedData(2));
      expect(textOf(await say(proxy, 'abc'))).toBe('ab');
      proxy.setToxics();
      expect(textOf(await say(proxy, 'abc'))).toBe('abc');
    });
  });
});

describe('limited data', () => {
  it.each<[number, Ending, string]>([
    [0, 'fin', 'FIN'],
    [3, 'fin', 'FIN'],
    [3, 'rst', 'ECONNRESET'],
    [6, 'rst', 'ECONNRESET'],
  ])('lets exactly %i bytes pass before %s', async (bytes, ending, seen) => {
    await withEcho({ toxics: [new LimitedData(bytes, {}, ending)] }, async ({ proxy }) => {
      const told = await say(proxy, 'abcdef', 7);
      expect([textOf(told), told.ending]).toEqual(['abcdef'.slice(0, bytes), seen]);
    });
  });

  it.each<Ending>(['fin', 'rst'])('counts what goes to the server, before %s', async (ending) => {
    const toxics = [new LimitedData(4, {}, ending, 'up')];
    await withEcho({ toxics }, async ({ proxy, arrived }) => {
      const { ending: seen } = await say(proxy, 'abcdef');
      expect(seen).toBe(ending === 'fin' ? 'FIN' : 'ECONNRESET');
      if (ending === 'fin') await expect.poll(() => arrived.join('')).toBe('abcd');
      expect(proxy.bytes.up).toBe(4);
    });
  });

  it.each<Direction>(['up', 'down'])('cuts once, over all connections (%s)', async (direction) => {
    await withEcho({ toxics: [new CutOnce(5, 'rst', direction)] }, async ({ proxy }) => {
      expect(textOf(await say(proxy, 'abc'))).toBe('abc');
      expect((await say(proxy, 'def')).ending).toBe('ECONNRESET');
      expect(textOf(await say(proxy, 'ghi'))).toBe('ghi');
    });
  });

  it('stays open in silence', async () => {
    await withEcho({ toxics: [new Silence(2, { to: 1 })] }, async ({ proxy }) => {
      expect(await say(proxy, 'abc', 2)).toEqual({ pieces: ['ab'], ending: 'open' });
      expect(proxy.bytes).toEqual({ up: 3, down: 2 });
    });
  });
});
