/** The description is made from the route literals: shared shapes once, every refusal listed. */
import { expect } from 'chai';
import { Type } from 'typebox';
import { defineRoute, type Access, type Route } from '../sdk/route.ts';
import { strict } from '../sdk/vocabulary.ts';
import { describeApi } from './openapi.ts';

const Address = strict({ city: Type.String() }, { title: 'Address' });
const Thing = strict({ id: Type.String(), address: Address }, { title: 'Thing' });
const ThingCreate = strict({ address: Type.Optional(Address) }, { title: 'ThingCreate' });

function route(more: Partial<Route> = {}): Route {
  const access: Access = { kind: 'merchant', scope: 'payments:write' };
  return {
    ...defineRoute({
      id: 'createThing',
      method: 'post',
      path: '/v1/things',
      tag: 'Things',
      summary: 'Make a thing',
      access,
      rate: 'payments',
      body: ThingCreate,
      replies: { 201: Thing },
      problems: ['not_found'],
      examples: [{ summary: 'A thing!', body: { address: { city: 'Ulm' } }, status: 201 }],
      handle: () => Promise.resolve({ status: 201, body: {} }),
    }),
    ...more,
  };
}

interface Described {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { readonly schemas: Record<string, Schema> };
}

interface Schema {
  readonly title?: string;
  readonly $ref?: string;
  readonly properties?: Record<string, Schema>;
}

interface Operation {
  readonly operationId: string;
  readonly security: object[];
  readonly parameters: { name?: string; in?: string; required?: boolean; $ref?: string }[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: Record<string, { schema: Schema; examples?: Record<string, object> }>;
  };
  readonly responses: Record<
    string,
    { description: string; content: Record<string, { schema: Schema }> }
  >;
}

const describe31 = (...routes: Route[]) => describeApi(routes, '1.2.3') as unknown as Described;

function only(described: Described): Operation {
  const [methods = {}] = Object.values(described.paths);
  const [operation] = Object.values(methods);
  if (!operation) throw new Error('one operation was described');
  return operation;
}

describe('the OpenAPI description', () => {
  it('lifts every shape with a title out, once, and refers to it', () => {
    const { components, paths } = describe31(route());
    expect(Object.keys(components.schemas)).to.have.members([
      'Address',
      'Thing',
      'ThingCreate',
      'Problem',
    ]);
    const reference = { $ref: '#/components/schemas/Address' };
    expect(components.schemas['Thing']?.properties?.['address']).to.deep.equal(reference);
    expect(components.schemas['ThingCreate']?.properties?.['address']).to.deep.equal(reference);
    const operation = paths['/v1/things']?.['post'];
    expect(operation?.requestBody?.content['application/json']?.schema).to.deep.equal({
      $ref: '#/components/schemas/ThingCreate',
    });
    expect(operation?.responses['201']?.content['application/json']?.schema).to.deep.equal({
      $ref: '#/components/schemas/Thing',
    });
  });

  it('refers to nothing that is not there', () => {
    const described = describe31(route());
    const text = JSON.stringify(described);
    for (const [, place] of text.matchAll(/"\$ref":"#\/components\/([^"]+)"/g)) {
      const [kind = '', name = ''] = String(place).split('/');
      const parts = described.components as unknown as Record<string, Record<string, object>>;
      expect(parts[kind], place).to.have.property(name);
    }
  });

  it('lists a route’s own problems and those of its kind, by status', () => {
    const { responses } = only(describe31(route()));
    expect(responses['404']?.description).to.contain('`not_found`');
    expect(responses['400']?.description)
      .to.contain('`unknown_field`')
      .and.contain('`invalid_json`');
    for (const status of ['401', '403', '409', '413', '415', '422', '429', '500', '503']) {
      expect(responses, status).to.have.property(status);
      expect(responses[status]?.content).to.have.key('application/problem+json');
    }
  });

  it('promises no body problems where there is no body, and no key problems where there is no key', () => {
    const { body: _none, ...reading } = route({ method: 'get', access: { kind: 'anyone' } });
    const operation = only(describe31({ ...reading, examples: [], replies: { 200: Thing } }));
    expect(operation.requestBody).to.equal(undefined);
    expect(operation.security).to.deep.equal([]);
    for (const status of ['401', '403', '413', '415', '422', '503']) {
      expect(operation.responses, status).not.to.have.property(status);
    }
  });

  it('says which key opens what', () => {
    const access = (given: Access) => only(describe31(route({ access: given }))).security;
    expect(access({ kind: 'admin' })).to.deep.equal([{ adminKey: [] }]);
    expect(access({ kind: 'merchant', scope: 'payments:read' })).to.deep.equal([{ secretKey: [] }]);
    expect(access({ kind: 'merchant', scope: 'payments:read', publicKey: true })).to.deep.equal([
      { secretKey: [] },
      { publicKey: [] },
    ]);
  });

  it('turns path and query into parameters, the path’s always required', () => {
    const { parameters } = only(
      describe31(
        route({
          params: strict({ thing_id: Type.String() }),
          query: strict({ limit: Type.Optional(Type.Integer()), word: Type.String() }),
        }),
      ),
    );
    expect(
      parameters.map(({ name, in: where, required }) => [name, where, required]),
    ).to.deep.equal([
      ['thing_id', 'path', true],
      ['limit', 'query', false],
      ['word', 'query', true],
      [undefined, undefined, undefined],
    ]);
    expect(parameters.at(-1)).to.deep.equal({ $ref: '#/components/parameters/IdempotencyKey' });
  });

  it('shows examples under names that are fit for a key, and optional bodies as such', () => {
    const { requestBody } = only(describe31(route({ bodyOptional: true })));
    expect(requestBody?.required).to.equal(false);
    const { examples } = requestBody?.content['application/json'] ?? {};
    expect(examples).to.deep.equal({
      a_thing_: { summary: 'A thing!', value: { address: { city: 'Ulm' } } },
    });
  });

  it('puts two methods of one path side by side', () => {
    const { paths } = describe31(route(), route({ id: 'listThings', method: 'get' }));
    expect(Object.keys(paths['/v1/things'] ?? {})).to.deep.equal(['post', 'get']);
  });
});
