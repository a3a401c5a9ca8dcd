import { defineConfig } from 'vitest/config';

/** Against Samba, 389 Directory Server and ApacheDS, each started for its file: one file at a time. */
export default defineConfig({
  test: {
    include: ['test/servers/**/*.servers.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    pool: 'forks',
    maxWorkers: 1,
  },
});
