/** Beside the API: probes, metrics, and documentation that works without a network. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Access } from '../access/access.ts';
import type { Page } from '../http/app.ts';
import { Problem, problemCodes, problemFacts } from '../sdk/problem.ts';
import type { Reply } from '../sdk/route.ts';
import type { Database } from '../storage/index.ts';
import type { Metrics } from './metrics.ts';

export interface PagesDeps {
  readonly db: Database;
  readonly access: Access;
  readonly metrics: Metrics;
  readonly openapi: object;
  /** False while the switch starts or stops. */
  accepting(): boolean;
}

const json = (status: number, body: unknown): Reply => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify(body),
});

const html = (body: string): Reply => ({
  status: 200,
  contentType: 'text/html; charset=utf-8',
  headers: {
    'content-security-policy':
      "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'",
  },
  body: `<!doctype html><html lang="en">${body}</html>`,
});

/** Alive: the process answers. Nothing else is asked, so a slow disk does not get it killed. */
const healthz: Page = { path: '/healthz', handle: async () => json(200, { status: 'ok' }) };

/** Ready: a payment could be taken now. Migrations are done before the port is open. */
function readyz({ db, accepting }: PagesDeps): Page {
  return {
    path: '/readyz',
    handle: async () => {
      const checks = { accepting: accepting(), database: await answers(db), migrations: true };
      const ready = Object.values(checks).every(Boolean);
      return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not_ready', checks });
    },
  };
}

async function answers(db: Database): Promise<boolean> {
  try {
    await db.ping();
    return true;
  } catch {
    // The probe's answer is the report; whoever uses the database logs why it fails.
    return false;
  }
}

const loopback = /^(?:127\.|::1$|::ffff:127\.)/;

/** Turnover is nobody's business: metrics are for this machine, or for the admin key. */
function metricsPage({ metrics, access }: PagesDeps): Page {
  return {
    path: '/metrics',
    handle: async ({ ip, authorization, forwarded }) => {
      const principal = await access.principalOf(authorization?.replace(/^Bearer /, ''));
      // Behind a proxy on this box everybody seems to come from this box.
      const local = loopback.test(ip) && !forwarded;
      if (principal?.kind !== 'admin' && !local) {
        throw new Problem('unauthorized', 'metrics are for this machine, or for the admin key');
      }
      const { contentType, text } = metrics.exposition();
      return { status: 200, contentType, body: await text() };
    },
  };
}

/** In a build the files lie in dist/assets; from the sources they are read from the package. */
const swaggerFolders = ['../../assets/swagger', '../../node_modules/swagger-ui-dist'];

function swaggerFile(name: string, contentType: string): Page[] {
  const folder = swaggerFolders
    .map((path) => fileURLToPath(new URL(path, import.meta.url)))
    .find((path) => existsSync(join(path, name)));
  if (folder === undefined) return [];
  const body = readFileSync(join(folder, name), 'utf8');
  const headers = { 'cache-control': 'public, max-age=3600' };
  return [
    { path: `/docs/${name}`, handle: async () => ({ status: 200, contentType, headers, body }) },
  ];
}

const docsScript = `window.addEventListener('load', () => {
  window.SwaggerUIBundle({ url: '/openapi.json', dom_id: '#docs', deepLinking: true });
});`;

const docsHtml =
  '<head><meta charset="utf-8"><meta name="viewport" content="width=device-width">' +
  '<title>Pointsman API</title><link rel="stylesheet" href="/docs/swagger-ui.css"></head>' +
  '<body><main id="docs"></main><p><a href="/docs/errors">Errors</a></p>' +
  '<script src="/docs/swagger-ui-bundle.js"></script><script src="/docs/start.js"></script></body>';

function errorsHtml(): string {
  const rows = problemCodes.map((code) => {
    const { status, title } = problemFacts(code);
    return `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}.</td></tr>`;
  });
  return (
    '<head><meta charset="utf-8"><title>Pointsman errors</title></head><body><h1>Errors</h1>' +
    '<table><thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead>' +
    `<tbody>${rows.join('')}</tbody></table></body>`
  );
}

export function pages(deps: PagesDeps): readonly Page[] {
  const description = json(200, deps.openapi);
  return [
    healthz,
    readyz(deps),
    metricsPage(deps),
    { path: '/openapi.json', handle: async () => description },
    { path: '/docs', handle: async () => html(docsHtml) },
    { path: '/docs/errors', handle: async () => html(errorsHtml()) },
    {
      path: '/docs/start.js',
      handle: async () => ({ status: 200, contentType: 'text/javascript', body: docsScript }),
    },
    ...swaggerFile('swagger-ui.css', 'text/css'),
    ...swaggerFile('swagger-ui-bundle.js', 'text/javascript'),
  ];
}
