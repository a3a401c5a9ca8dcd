import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type ProxyOptions, type TcpProxy, withProxy } from './proxy.ts';

/** An echo server behind a proxy. */
async function withEcho<T>(
  options: Omit<ProxyOptions, 'to'>,
  use: (proxy: TcpProxy) => Promise<T>,
): Promise<T> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await withProxy({ to: (server.address() as AddressInfo).port, ...options }, use);
  } finally {
    server.close();
  }
}

async function withSocket<T>(port: number, use: (socket: Socket) => Promise<T>): Promise<T> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  await once(socket, 'connect');
  try {
    return await use(socket);
  } finally {
    socket.destroy();
  }
}

async function read(socket: Socket, bytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= bytes) break;
  }
  return Buffer.concat(chunks);
}

/** Two bytes each, counting up: any loss, repetition or swap shows. */
function counted(bytes: number): Buffer {
  return Buffer.from(Uint16Array.from({ length: bytes / 2 }, (_, i) => i).buffer);
}

describe('the proxy', () => {
  it.each([0, 6])('passes 8 MB in order at %i ms', async (roundTripMs) => {
    const sent = counted(8_000_000);
    await withEcho({ roundTripMs }, ({ port }) =>
      withSocket(port, async (socket) => {
        socket.end(sent);
        const came = await read(socket, sent.length);
        expect(came.equals(sent)).toBe(true);
      }),
    );
  });

  it('passes the end of a stream on, after the data', async () => {
    await withEcho({ roundTripMs: 4 }, ({ port }) =>
      withSocket(port, async (socket) => {
        socket.end('last words');
        expect(String(await read(socket, Number.POSITIVE_INFINITY))).toBe('last words');
      }),
    );
  });

  it('makes each round trip wait', async () => {
    await withEcho({ roundTripMs: 20 }, ({ port }) =>
      withSocket(port, async (socket) => {
        const start = performance.now();
        for (let i = 0; i < 5; i += 1) {
          socket.write('x');
          await read(socket, 1);
        }
        // A bound that the delay itself guarantees: a slow machine only takes longer.
        expect(performance.now() - start).toBeGreaterThan(5 * 18);
      }),
    );
  });

  it('cuts all connections and serves new ones', async () => {
    await withEcho({}, async (proxy) => {
      await withSocket(proxy.port, async (socket) => {
        socket.write('x');
        await read(socket, 1);
        const reset = once(socket, 'error');
        proxy.cut();
        expect(await reset).toMatchObject([{ code: 'ECONNRESET' }]);
      });
      await expect.poll(() => proxy.connections).toBe(0);
      await withSocket(proxy.port, async (socket) => {
        socket.write('y');
        expect(String(await read(socket, 1))).toBe('y');
      });
      expect(proxy.accepted).toBe(2);
    });
  });

  it('cuts after so many bytes from the server', async () => {
    await withEcho({ cutAfterBytes: 1_000 }, ({ port }) =>
      withSocket(port, async (socket) => {
        socket.write(Buffer.alloc(999));
        await read(socket, 999);
        const reset = once(socket, 'error');
        socket.write('x');
        expect(await reset).toMatchObject([{ code: 'ECONNRESET' }]);
      }),
    );
  });

  it('takes no more than so many at a time', async () => {
    await withEcho({ maxConnections: 1 }, async (proxy) => {
      await withSocket(proxy.port, async (socket) => {
        await echoed(socket);
        const another = connect(proxy.port, '127.0.0.1');
        expect(await once(another, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
        await echoed(socket);
      });
      await expect.poll(() => proxy.connections).toBe(0);
      await withSocket(proxy.port, echoed);
    });
  });

  it('hangs up and serves new ones', async () => {
    await withEcho({}, async (proxy) => {
      await withSocket(proxy.port, async (socket) => {
        await echoed(socket);
        const over = once(socket, 'end');
        socket.resume();
        proxy.hangUp();
        await over;
      });
      await withSocket(proxy.port, echoed);
    });
  });

  it('cuts each connection after a time', async () => {
    await withEcho({ cutAfterMs: 5 }, async (proxy) => {
      for (const turn of ['first', 'second']) {
        await withSocket(proxy.port, async (socket) => {
          socket.write(turn);
          expect(await once(socket, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
        });
      }
    });
  });

  it('holds everything back while it is silent, for new connections too', async () => {
    await withEcho({}, (proxy) =>
      withSocket(proxy.port, async (silenced) => {
        const came: string[] = [];
        proxy.silence();
        silenced.on('data', (chunk) => came.push(String(chunk)));
        silenced.write('a');
        await withSocket(proxy.port, async (another) => {
          another.on('data', (chunk) => came.push(String(chunk)));
          another.write('b');
          await withEcho({}, (other) => withSocket(other.port, (socket) => echoed(socket)));
          expect(came).toEqual([]);
          proxy.speak();
          await expect.poll(() => came.toSorted()).toEqual(['a', 'b']);
        });
      }),
    );
  });

  it('refuses until it admits', async () => {
    await withEcho({}, async (proxy) => {
      proxy.refuse();
      const refused = connect(proxy.port, '127.0.0.1');
      expect(await once(refused, 'error')).toMatchObject([{ code: 'ECONNRESET' }]);
      proxy.admit();
      await withSocket(proxy.port, echoed);
    });
  });
});

async function echoed(socket: Socket): Promise<void> {
  socket.write('?');
  expect(String(await read(socket, 1))).toBe('?');
}
