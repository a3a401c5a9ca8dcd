// Makes sure of the servers beside OpenLDAP: Samba, 389 Directory Server, ApacheDS. Says nothing when all is there.
import { existsSync } from 'node:fs';
import { ensure, ensureOpenldap, hasApt, missingTools, type Need } from './ensure-openldap.ts';

const SAMBA = ['samba', 'samba-tool', 'ldbadd', 'ldbmodify', 'ldbsearch', 'setpriv'];
const SAMBA_PACKAGES = ['samba', 'samba-ad-provision', 'samba-dsdb-modules', 'samba-vfs-modules'];

/** On the class path of ApacheDS and in no dependency of Debian's package. */
const JARS = {
  'apache-directory-api-all': 'libapache-directory-api-java',
  'apacheds-jdbm1': 'libapache-directory-jdbm-java',
  'mina2-core': 'libmina2-java',
  bcprov: 'libbcprov-java',
  caffeine: 'libcaffeine-java',
  'commons-collections4': 'libcommons-collections4-java',
  'commons-lang': 'libcommons-lang-java',
  'commons-lang3': 'libcommons-lang3-java',
  'commons-pool': 'libcommons-pool-java',
  dom4j: 'libdom4j-java',
  mavibot: 'libmavibot-java',
  xpp3: 'libxpp3-java',
};

const NEEDS: readonly Omit<Need, 'hint'>[] = [
  {
    name: 'Samba',
    missing: () => [...missingTools(SAMBA), ...missingFiles('/usr/share/samba/setup')],
    packages: [...SAMBA_PACKAGES, 'ldb-tools', 'winbind'],
  },
  {
    name: '389 Directory Server',
    missing: () => [
      ...missingTools(['ns-slapd']),
      ...missingFiles('/usr/share/dirsrv/data/template-dse.ldif'),
    ],
    packages: ['389-ds-base'],
  },
  {
    name: 'ApacheDS',
    missing: () => [
      ...missingTools(['java']),
      ...missingFiles('/etc/apacheds/config.ldif'),
      ...missingFiles(...Object.keys(JARS).map((name) => `/usr/share/java/${name}.jar`)),
    ],
    packages: ['apacheds', ...Object.values(JARS)],
  },
];

function missingFiles(...paths: readonly string[]): readonly string[] {
  return paths.filter((path) => !existsSync(path));
}

/** These servers are packaged for Debian; elsewhere their tests do not run. */
function hintFor(packages: readonly string[]): string {
  return hasApt()
    ? `sudo apt-get update && sudo apt-get install -y --no-install-recommends ${packages.join(' ')}`
    : 'run npm run test:servers on Debian 12, as root';
}

export async function ensureServers(): Promise<void> {
  await ensureOpenldap();
  for (const need of NEEDS) await ensure({ ...need, hint: hintFor(need.packages) });
}

if (import.meta.main) await ensureServers();
