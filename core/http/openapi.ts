/** The OpenAPI 3.1 description, made from the same literals that check the requests. Pure. */
import type { TSchema } from 'typebox';
import { problemCodes, problemFacts, type ProblemCode } from '../sdk/problem.ts';
import type { Example, Route } from '../sdk/route.ts';

type Node = { [key: string]: unknown };

/** Problems that any route of its kind may answer, so that the literals need not repeat them. */
function commonProblems(route: Route): ProblemCode[] {
  const codes: ProblemCode[] = ['invalid_request', 'rate_limited', 'internal_error'];
  if (route.access.kind !== 'anyone') codes.push('unauthorized', 'forbidden');
  if (route.method !== 'get') codes.push('storage_unavailable');
  if (route.body) {
    codes.push('invalid_json', 'unknown_field', 'body_too_large', 'unsupported_media_type');
  }
  if (route.method === 'post') codes.push('idempotency_key_in_use', 'idempotency_key_reused');
  return codes;
}

/** Schemas with a title become components, once each; the rest stays where it stands. */
class Components {
  readonly schemas: Node = {};

  place(schema: TSchema | Node): Node {
    const plain = JSON.parse(JSON.stringify(schema)) as Node;
    return this.#lift(plain);
  }

  #lift(node: Node): Node {
    const { title } = node;
    const lifted: Node = {};
    for (const [key, value] of Object.entries(node)) lifted[key] = this.#liftValue(value);
    if (typeof title !== 'string') return lifted;
    this.schemas[title] = lifted;
    return { $ref: `#/components/schemas/${title}` };
  }

  #liftValue(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#liftValue(item));
    return value !== null && typeof value === 'object' ? this.#lift(value as Node) : value;
  }
}

function parameters(route: Route, components: Components): Node[] {
  const list: Node[] = [];
  for (const [where, schema] of [
    ['path', route.params],
    ['query', route.query],
  ] as const) {
    const { properties = {}, required = [] } = (schema ?? {}) as Node & { required?: string[] };
    for (const [name, property] of Object.entries(properties as Record<string, TSchema>)) {
      const { description } = property as { description?: string };
      list.push({
        name,
        in: where,
        required: where === 'path' || required.includes(name),
        ...(description ? { description } : {}),
        schema: components.place(property),
      });
    }
  }
  if (route.method === 'post' && !route.rawBody) {
    list.push({ $ref: '#/components/parameters/IdempotencyKey' });
  }
  return list;
}

function examplesOf(examples: readonly Example[]): Node {
  return Object.fromEntries(
    examples.flatMap(({ summary, body }) =>
      body
        ? [[summary.toLowerCase().replaceAll(/[^a-z0-9]+/g, '_'), { summary, value: body }]]
        : [],
    ),
  );
}

function responses(route: Route, components: Components): Node {
  const answers: Node = {};
  for (const [status, schema] of Object.entries(route.replies)) {
    answers[status] = {
      description: status === '202' ? 'Not known yet: sync later.' : 'Done.',
      headers: { 'x-request-id': { $ref: '#/components/headers/RequestId' } },
      content: { 'application/json': { schema: components.place(schema) } },
    };
  }
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set([...route.problems, ...commonProblems(route)])) {
    const { status } = problemFacts(code);
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  for (const [status, codes] of [...byStatus].toSorted(([a], [b]) => a - b)) {
    answers[status] = {
      description: codes.map((code) => `\`${code}\`: ${problemFacts(code).title}.`).join(' '),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    };
  }
  return answers;
}

function securityOf({ access }: Route): Node[] {
  if (access.kind === 'anyone') return [];
  if (access.kind === 'admin') return [{ adminKey: [] }];
  return access.publicKey ? [{ secretKey: [] }, { publicKey: [] }] : [{ secretKey: [] }];
}

const problemSchema = {
  type: 'object',
  description: 'RFC 9457. `code` is stable; `detail` is for people.',
  required: ['type', 'title', 'status', 'code', 'detail', 'request_id'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    code: { type: 'string', enum: [...problemCodes] },
    detail: { type: 'string' },
    param: { type: 'string', description: 'The field that is to blame.' },
    request_id: { type: 'string' },
  },
  additionalProperties: true,
};

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });

function operationOf(route: Route, components: Components): Node {
  const operation: Node = {
    operationId: route.id,
    tags: [route.tag],
    summary: route.summary,
    ...(route.description ? { description: route.description } : {}),
    security: securityOf(route),
    parameters: parameters(route, components),
    responses: responses(route, components),
  };
  if (route.rawBody) {
    const anything = { description: "In the sender's own format.", content: { '*/*': {} } };
    return { ...operation, requestBody: { required: true, ...anything } };
  }
  if (!route.body) return operation;
  const examples = route.examples?.some(({ body }) => body)
    ? { examples: examplesOf(route.examples) }
    : {};
  const content = { 'application/json': { schema: components.place(route.body), ...examples } };
  return { ...operation, requestBody: { required: !route.bodyOptional, content } };
}

/** What every description has, whatever the routes are. */
const sharedComponents = {
  securitySchemes: {
    secretKey: bearer('A secret key, `sk_…`: on your server only.'),
    publicKey: bearer('A public key, `pk_…`, with the client secret of one payment.'),
    adminKey: bearer('The key of the box’s owner, `ak_…`.'),
  },
  parameters: {
    IdempotencyKey: {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'Same key, same request: the first answer again, nothing done twice. 24 hours.',
      schema: { type: 'string', minLength: 1, maxLength: 255 },
    },
  },
  headers: {
    RequestId: { description: 'Finds the request in the log.', schema: { type: 'string' } },
  },
};

export function describeApi(routes: readonly Route[], version: string): Node {
  const components = new Components();
  const paths: Record<string, Node> = {};
  for (const route of routes) {
    const operation = operationOf(route, components);
    paths[route.path] = { ...paths[route.path], [route.method]: operation };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Pointsman',
      version,
      summary: 'A self-hostable payment switch.',
      description:
        'Amounts are whole numbers of minor units. Send your key as `Authorization: Bearer sk_…`. ' +
        'Every POST takes an `Idempotency-Key`. Errors are problem+json with a stable `code`.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/', description: 'This switch.' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({
      name,
      description: `${name}.`,
    })),
    paths,
    components: {
      ...sharedComponents,
      schemas: { ...components.schemas, Problem: problemSchema },
    },
  };
}
