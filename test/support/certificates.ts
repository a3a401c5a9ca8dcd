import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
  readonly certFile: string;
  readonly keyFile: string;
}

/** A certificate authority that lives in a temporary folder. */
export interface Authority extends Certificate {
  /** @param names subject alternative names as openssl writes them: `IP:127.0.0.1`, `DNS:x` */
  issue(label: string, names: string, lifetime?: Lifetime): Promise<Certificate>;
  /** A certificate that nobody but itself vouches for. */
  selfSign(label: string, names: string): Promise<Certificate>;
}

export type Lifetime = 'valid' | 'expired' | 'future';

/** An authority of our own, made by the openssl command, gone after `use`. */
export async function withAuthority<T>(use: (authority: Authority) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'orgwalk-ca-'));
  try {
    return await use(await createAuthority(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function createAuthority(folder: string): Promise<Authority> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const files = filesOf(folder, 'ca');
  const out = ['-keyout', files.keyFile, '-out', files.certFile];
  await run('openssl', ['req', '-x509', ...key, ...out, '-days', '2', '-subj', '/CN=Test CA']);
  return {
    ...(await load(files)),
    issue: async (label, names, lifetime = 'valid') => {
      const issued = filesOf(folder, label);
      const request = join(folder, `${label}.csr`);
      const extensions = join(folder, `${label}.ext`);
      await writeFile(extensions, `subjectAltName=${names}\n`);
      const subject = ['-subj', `/CN=${label}`];
      await run('openssl', ['req', ...key, '-keyout', issued.keyFile, '-out', request, ...subject]);
      if (lifetime === 'future') await signForLater(folder, files, label, names);
      else {
        const issuer = ['-CA', files.certFile, '-CAkey', files.keyFile, '-CAcreateserial'];
        const io = ['-req', '-in', request, '-extfile', extensions, '-out', issued.certFile];
        const days = ['-days', lifetime === 'valid' ? '2' : '-1'];
        await run('openssl', ['x509', ...io, ...issuer, ...days]);
      }
      return load(issued);
    },
    selfSign: async (label, names) => {
      const issued = filesOf(folder, label);
      const own = ['-keyout', issued.keyFile, '-out', issued.certFile, '-subj', `/CN=${label}`];
      const good = ['-days', '2', '-addext', `subjectAltName=${names}`];
      await run('openssl', ['req', '-x509', ...key, ...own, ...good]);
      return load(issued);
    },
  };
}

/** Only `openssl ca` takes a first day (OpenSSL 3.0). */
async function signForLater(folder: string, ca: Files, label: string, names: string) {
  const config = join(folder, `${label}.cnf`);
  const database = join(folder, `${label}.txt`);
  await writeFile(database, '');
  await writeFile(
    config,
    [
      ...['[ca]', 'default_ca=own', '[own]', `database=${database}`, `new_certs_dir=${folder}`],
      ...['rand_serial=yes', 'default_md=sha256', 'policy=any', 'x509_extensions=names'],
      ...['[any]', 'commonName=supplied', '[names]', `subjectAltName=${names}`, ''],
    ].join('\n'),
  );
  const signer = ['-config', config, '-cert', ca.certFile, '-keyfile', ca.keyFile];
  const io = ['-in', join(folder, `${label}.csr`), '-out', filesOf(folder, label).certFile];
  const when = ['-startdate', '20990101000000Z', '-enddate', '20991231000000Z'];
  await run('openssl', ['ca', '-batch', '-notext', ...signer, ...io, ...when]);
}

type Files = ReturnType<typeof filesOf>;

function filesOf(folder: string, label: string) {
  return { certFile: join(folder, `${label}.crt`), keyFile: join(folder, `${label}.key`) };
}

async function load(files: { certFile: string; keyFile: string }): Promise<Certificate> {
  const [cert, key] = await Promise.all([readFile(files.certFile), readFile(files.keyFile)]);
  return { ...files, cert, key };
}
