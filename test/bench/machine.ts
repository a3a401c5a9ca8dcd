// What figures hang on, beside the program.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { findTool } from '../support/ensure-openldap.ts';

export type Machine = ReturnType<typeof machine>;

export function machine() {
  return {
    cpus: cpus().length,
    model: cpus()[0]?.model ?? 'unknown',
    virtual: isVirtual(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.version,
    slapd: slapdVersion(),
    /** Of the minute before: whoever else was at work. */
    load: loadavg()[0] ?? 0,
  };
}

/** Linux tells; elsewhere it is not known, and called false. */
function isVirtual(): boolean {
  const path = '/proc/cpuinfo';
  return existsSync(path) && readFileSync(path, 'utf8').includes(' hypervisor');
}

function slapdVersion(): string {
  const { stderr = '' } = spawnSync(findTool('slapd') ?? 'slapd', ['-VV'], { encoding: 'utf8' });
  return /slapd (\S+)/.exec(stderr ?? '')?.[1] ?? 'unknown';
}

export function machineText({
  cpus: cores,
  model,
  virtual,
  memoryBytes,
  ...rest
}: Machine): string {
  const memory = `${Math.round(memoryBytes / 1e9)} GB`;
  const kind = virtual ? 'virtual' : 'bare';
  return `${cores} cores (${kind}, ${model}), ${memory}, Linux ${rest.kernel}, Node ${rest.node}, slapd ${rest.slapd}, load before ${rest.load.toFixed(1)}`;
}
