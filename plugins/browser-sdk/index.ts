/** The browser SDK: `pointsman.js`, and the frames that it puts into a shop's page. */
import { definePlugin, type Host, type PageRoute, type PageVisit, type Reply } from '#sdk';
import { bridgePage, cardPage, refusedPage } from './frame-page.ts';
import { library } from './library.ts';
import { libraryTypes } from './library-types.ts';
import { allowedOrigin, BrowserSdkSettings, type Settings } from './settings.ts';
import { localeOf, type Locale } from './texts.ts';

export const browserSdk = definePlugin({
  id: 'browser-sdk',
  name: 'Browser SDK',
  settings: BrowserSdkSettings,
  contribute: (host) => ({
    pages: [
      file('library', '/pointsman.js', 'text/javascript; charset=utf-8', library),
      file('types', '/pointsman.d.ts', 'text/plain; charset=utf-8', libraryTypes),
      frame('card', host, cardPage),
      frame('bridge', host, bridgePage),
    ],
  }),
});

/** Five minutes in caches: a page that is open over an update is no older than that. */
function file(id: string, path: string, contentType: string, body: string): PageRoute {
  const headers = {
    'cache-control': 'public, max-age=300',
    // For pages that check what they load (`integrity`), or that are isolated.
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  };
  const reply: Reply = { status: 200, contentType, headers, body };
  return { id, method: 'get', path, handle: () => Promise.resolve(reply) };
}

function frame(
  id: string,
  { settings, mode }: Host<Settings>,
  page: (origin: string, locale: Locale) => Reply,
): PageRoute {
  const handle = ({ query }: PageVisit) => {
    const origin = allowedOrigin(settings, mode, query['origin']);
    return Promise.resolve(
      origin === undefined ? refusedPage : page(origin, localeOf(query['locale'])),
    );
  };
  return { id, method: 'get', path: `/elements/${id}`, handle };
}
