/**
 * JSON log lines. Fields are allow-listed: what is not named here is not written, so a body, a card
 * or a key has no way in; free text is masked on top.
 */
import { createLogger, format, transports, type Logger } from 'winston';
import { maskCards } from '../base/card-mask.ts';

const fields = [
  'request_id',
  'method',
  'route',
  'status',
  'duration_ms',
  'merchant_id',
  'payment_id',
  'operation_id',
  'account_id',
  'subject',
  'kind',
  'state',
  'fault',
  'count',
  'reason',
  'url',
  'database',
  'error',
  'stack',
] as const;

export type LogFields = Partial<Record<(typeof fields)[number], string | number | undefined>>;

export interface Log {
  error(event: string, more?: LogFields): void;
  warn(event: string, more?: LogFields): void;
  info(event: string, more?: LogFields): void;
  debug(event: string, more?: LogFields): void;
}

type Line = Record<string, unknown> & { level: string; message: unknown };

function lineOf(info: Line): string {
  const line: Record<string, unknown> = {
    time: new Date().toISOString(),
    level: info.level,
    event: info.message,
  };
  for (const field of fields) {
    const value = info[field];
    if (value !== undefined) line[field] = typeof value === 'string' ? maskCards(value) : value;
  }
  return JSON.stringify(line);
}

export function createLog(level: string): Log & { close(): void } {
  const logger: Logger = createLogger({
    level,
    format: format.printf((info) => lineOf(info)),
    transports: [new transports.Console({ stderrLevels: [] })],
  });
  const write =
    (urgency: string) =>
    (event: string, more: LogFields = {}) => {
      logger.log(urgency, event, more);
    };
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
    close: () => logger.close(),
  };
}

/** Name, message and stack of whatever was thrown, fit for a line. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: `${error.name}: ${error.message}`, stack: error.stack };
}
