/** Tokens, applications, places and envelopes. */
import { expectThat, type ConformanceRow } from '#sdk';
import {
  at,
  base,
  created,
  expectMessage,
  newId,
  post,
  read,
  sampleOf,
  timePattern,
} from './client.ts';

export const accessRows: readonly ConformanceRow[] = [
  {
    id: 'AU-06',
    title: 'a Bearer token lets in; none, a wrong one and another scheme do not',
    check: async (bench) => {
      const { secretKey, publicKey } = bench.keys;
      const good = await bench.call(base);
      expectThat(good.status === 200, '200 with the token', good.text);
      const wrong = [undefined, 'Bearer ', `Bearer ${secretKey}x`, `Basic ${secretKey}`, secretKey];
      for (const authorization of [...wrong, `Bearer ${publicKey}`]) {
        const headers = { authorization };
        expectMessage(await bench.call(base, { headers }), 401);
        expectMessage(await bench.call(`${base}/create`, { headers, body: sampleOf() }), 401);
        expectMessage(await bench.call(at('X', '/cancel'), { headers, method: 'POST' }), 401);
      }
    },
  },
  {
    id: 'AU-07',
    title: 'a token of an application sees that application’s payments alone',
    needs: ['admin'],
    check: async (bench) => {
      const theirs = await bench.neighbour();
      const ours = await created(bench);
      const other = await created(bench, {}, theirs);
      expectMessage(await bench.call(at(ours.external_id), { keys: theirs }), 404);
      expectMessage(await bench.call(at(ours.external_id, '/continue'), { keys: theirs }), 404);
      const cancel = { keys: theirs, method: 'POST' } as const;
      expectMessage(await bench.call(at(ours.external_id, '/cancel'), cancel), 404);
      expectMessage(await bench.call(at(other.external_id)), 404);
      const [mine, listed] = [
        await bench.call(`${base}?per_page=100`),
        await bench.call(`${base}?per_page=100`, { keys: theirs }),
      ];
      expectThat(mine.text.includes(ours.external_id), 'our payment in our list');
      expectThat(!mine.text.includes(other.external_id), 'theirs not in our list');
      expectThat(listed.text.includes(other.external_id), 'their payment in their list');
      expectThat(!listed.text.includes(ours.external_id), 'ours not in their list');
      expectMessage(await bench.call(at(ours.external_id), { keys: await bench.stranger() }), 404);
    },
  },
  {
    id: 'EN-01',
    title: 'everything stands below /api/v1, and nothing beside it',
    check: async (bench) => {
      expectThat((await bench.call(base)).status === 200, `200 at ${base}`);
      for (const path of ['/payments', '/api/payments', '/api/v2/payments', '/api/v1', '/']) {
        expectMessage(await bench.call(path), 404);
      }
      expectMessage(await bench.call(base, { method: 'DELETE' }), 405);
    },
  },
  {
    id: 'EN-02',
    title: 'a key of the other mode opens nothing',
    check: async (bench) => {
      const { secretKey } = bench.keys;
      const other = secretKey.startsWith('sk_live_')
        ? secretKey.replace('sk_live_', 'sk_sandbox_')
        : secretKey.replace('sk_sandbox_', 'sk_live_');
      expectThat(other !== secretKey, 'a key that tells its mode');
      expectMessage(await bench.call(base, { headers: { authorization: `Bearer ${other}` } }), 401);
    },
  },
  {
    id: 'EN-03',
    title: 'bodies are JSON: a broken one is 400, another type 415',
    check: async (bench) => {
      for (const body of ['{"external_id":', '{]', 'external_id=1']) {
        expectMessage(await bench.call(`${base}/create`, { body }), 400);
      }
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const body = 'external_id=1&amount=250000';
      expectMessage(await bench.call(`${base}/create`, { body, headers }), 415);
    },
  },
  {
    id: 'EN-04',
    title: 'answers are wrapped: success and data, with a message where something was done',
    check: async (bench) => {
      const made = await post(bench);
      const { external_id: id } = made.body.data;
      const cancelled = await bench.call(at(id, '/cancel'), { method: 'POST' });
      for (const { body } of [made, cancelled]) {
        const keys = Object.keys(body).join();
        expectThat(body.success === true && keys === 'success,message,data', 'three members', body);
      }
      const got = (await bench.call(at(id))).body;
      expectThat(Object.keys(got).join() === 'success,data' && got.success, 'two members', got);
      const list = (await bench.call(base)).body;
      expectThat(list.success === true && Array.isArray(list.data), 'a list in data', list);
      expectMessage(await bench.call(at(newId())), 404);
    },
  },
  {
    id: 'EN-08',
    title: 'times are UTC to the second with a Z, and do not run backwards',
    check: async (bench) => {
      const [first, second] = [await created(bench), await created(bench)];
      const [one, two] = [
        await read(bench, first.external_id),
        await read(bench, second.external_id),
      ];
      for (const time of [first.expired_at, one.created_at, one.expired_at]) {
        expectThat(timePattern.test(time), 'a time like 2026-02-05T10:00:00Z', time);
      }
      expectThat(one.created_at <= two.created_at, 'the later one to be later', two);
      expectThat(one.created_at < one.expired_at, 'created before it expires', one);
      expectThat(one.expired_at === first.expired_at, 'one end in both answers', one);
    },
  },
  {
    id: 'EN-09',
    title: '201 for what was created, 200 for all else that went well',
    check: async (bench) => {
      const made = await post(bench);
      const { external_id: id } = made.body.data;
      expectThat(made.status === 201, '201', made.status);
      for (const path of [at(id), at(id, '/continue'), base]) {
        const { status } = await bench.call(path);
        expectThat(status === 200, `200 at ${path}`, status);
      }
      const { status } = await bench.call(at(id, '/cancel'), { method: 'POST' });
      expectThat(status === 200, '200 for a cancellation', status);
    },
  },
];
