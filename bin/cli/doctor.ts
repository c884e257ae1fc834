/**
 * `doctor`: looks at everything a start needs, and at the server when one runs. Changes nothing.
 */
import { define, type Parent, type Session } from './define.ts';
import { credentialsCheck, dataDirCheck, diskCheck, nodeCheck } from './doctor-machine.ts';
import { databaseCheck, portChecks, serverChecks } from './doctor-server.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { ConfigError, type Config } from '../../config/load.ts';
import { clean } from './render.ts';

export interface Check {
  readonly name: string;
  readonly status: 'ok' | 'warn' | 'fail';
  readonly detail: string;
  /** What to do about it. */
  readonly hint?: string;
}

export function addDoctor(parent: Parent): void {
  define(parent, {
    usage: 'doctor',
    summary: 'Check this machine, the configuration, the data and the server',
    examples: ['doctor', 'doctor --json'],
    run: doctor,
  });
}

async function doctor(session: Session): Promise<ExitCode> {
  const checks: Check[] = [nodeCheck(process.versions.node)];
  const config = configCheck(session, checks);
  if (config) {
    checks.push(dataDirCheck(config), credentialsCheck(config), await diskCheck(config));
    const server = await serverChecks(session, config);
    checks.push(await databaseCheck(config, server.url));
    checks.push(...(server.url === undefined ? await portChecks(config) : server.checks));
  }
  const healthy = checks.every(({ status }) => status !== 'fail');
  session.print({ object: 'report', healthy, checks }, checks.map(lineOf).join(''));
  return healthy ? exitCodes.done : exitCodes.refused;
}

function configCheck(session: Session, checks: Check[]): Config | undefined {
  const name = 'configuration';
  try {
    const config = session.config();
    checks.push({ name, status: 'ok', detail: `${config.mode} mode` });
    return config;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    checks.push({ name, status: 'fail', detail: error.message, hint: 'Nothing starts with it.' });
    return undefined;
  }
}

function lineOf({ status, name, detail, hint }: Check): string {
  const lines = detail.split('\n').map(clean).join('\n      ');
  return `${status.padEnd(4)}  ${name}: ${lines}\n${hint === undefined ? '' : `      → ${hint}\n`}`;
}
