import { BlockList, isIP } from 'node:net';
import type { LdapUrl } from '../domain/ldap-url.ts';
import type { Config, OptionName } from './options.ts';
import { PASSWORD_VARIABLE } from './sources.ts';

/** What a rule may look at: every option, those that do not apply to the command or were refused being absent. */
export interface Facts {
  readonly config: Partial<Config>;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether a person can be asked for the password. */
  readonly interactive: boolean;
}

/** Something that no single option can tell to be wrong. */
export interface Violation {
  readonly option: OptionName;
  readonly expected: string;
  readonly got: string;
}

type Rule = (facts: Facts) => Violation | false | undefined;

const RULES: readonly Rule[] = [
  ({ config }) =>
    config.urls?.length === 0 && {
      option: 'url',
      expected: 'at least one server, such as `ldaps://ldap.example.com`',
      got: 'none',
    },
  ({ config }) =>
    config.roots?.length === 0 && {
      option: 'root',
      expected: 'at least one manager to start from, such as `(uid=ceo)`',
      got: 'none',
    },
  (facts) =>
    facts.config.bindDn !== undefined &&
    !hasPassword(facts) && {
      option: 'bindDn',
      expected: `its password from --bind-password-file, ${PASSWORD_VARIABLE} or a terminal to ask at`,
      got: 'none of them',
    },
  ({ config }) =>
    config.bindPasswordFile !== undefined &&
    config.bindDn === undefined && {
      option: 'bindPasswordFile',
      expected: '--bind-dn beside it, the account that the password is for',
      got: 'no account',
    },
  ({ config }) => {
    const exposed = config.allowPlaintext ? undefined : passwordInClear(config);
    return (
      exposed && {
        option: 'url',
        expected:
          'ldaps:// or --starttls, for the password would cross the network in clear (--allow-plaintext accepts that)',
        got: `\`${exposed.text}\``,
      }
    );
  },
  ({ config }) => {
    const secured = config.starttls ? config.urls?.find(({ tls }) => tls) : undefined;
    return (
      secured && {
        option: 'starttls',
        expected: 'ldap:// servers only, since ldaps:// is TLS from the start',
        got: `\`${secured.text}\``,
      }
    );
  },
  ({ config }) =>
    config.certFile !== undefined &&
    config.keyFile === undefined && {
      option: 'certFile',
      expected: '--key-file beside it, the private key of the certificate',
      got: 'no key',
    },
  ({ config }) =>
    config.keyFile !== undefined &&
    config.certFile === undefined && {
      option: 'keyFile',
      expected: '--cert-file beside it, the certificate of the key',
      got: 'no certificate',
    },
  ({ config }) => {
    const plain = config.certFile === undefined ? undefined : withoutSignIn(config);
    return (
      plain && {
        option: 'certFile',
        expected:
          'ldaps:// or --starttls for every server, since without --bind-dn the certificate is the sign-in',
        got: `\`${plain.text}\``,
      }
    );
  },
  ...(['caFile', 'certFile', 'tlsServerName'] as const).map((option): Rule => {
    return ({ config }) =>
      config[option] !== undefined &&
      !usesTls(config) && {
        option,
        expected: 'ldaps:// or --starttls, without which it would do nothing',
        got: 'an unencrypted connection',
      };
  }),
];

/** Every rule across options that `facts` break. */
export function violations(facts: Facts): readonly Violation[] {
  return RULES.map((rule) => rule(facts)).filter((found) => typeof found === 'object');
}

function hasPassword({ config, env, interactive }: Facts): boolean {
  const stored = config.bindPasswordFile ?? env[PASSWORD_VARIABLE] ?? env['CREDENTIALS_DIRECTORY'];
  return stored !== undefined || interactive;
}

function passwordInClear(config: Partial<Config>): LdapUrl | undefined {
  if (config.bindDn === undefined || config.starttls) return undefined;
  return config.urls?.find(({ tls, host }) => !tls && !isLoopback(host));
}

// No server by TLS: that is another rule's.
function withoutSignIn(config: Partial<Config>): LdapUrl | undefined {
  if (config.bindDn !== undefined || config.starttls || !usesTls(config)) return undefined;
  return config.urls?.find(({ tls }) => !tls);
}

// No servers: that is another rule's.
function usesTls(config: Partial<Config>): boolean {
  const { urls = [], starttls } = config;
  return urls.length === 0 || starttls === true || urls.some(({ tls }) => tls);
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/**
 * Whether what is sent to `host` stays on this machine. Of names below localhost it should (RFC 6761 §6.3), but some
 * resolvers ask the network for them.
 */
export function isLoopback(host: string): boolean {
  switch (isIP(host)) {
    case 4:
      return LOOPBACK.check(host, 'ipv4');
    case 6:
      return LOOPBACK.check(host, 'ipv6');
    default:
      return /^localhost\.?$/i.test(host);
  }
}
