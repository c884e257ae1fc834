/** `/pay/{link_id}`: what is to be paid, who the customer is, and on to a session's page. */
import type { PageRoute, PageVisit, Reply } from '#sdk';
import { isEmail } from './card-fields.ts';
import { html, say } from './html.ts';
import { newFormKey } from './ids.ts';
import { replyOf } from './layout.ts';
import { isUsable, openedFrom } from './link-session.ts';
import { localeOf } from './locales/index.ts';
import { detailsOf, type LinkDetails, type LinkRow } from './record.ts';
import { problemPage } from './session-pages.ts';
import { linkGonePage } from './state-view.ts';
import { linkById, type CheckoutHost } from './store.ts';
import { summaryOf } from './summary-view.ts';

const path = '/pay/{link_id}';

export function linkPages(host: CheckoutHost): readonly PageRoute[] {
  const problem = problemPage(host);
  return [
    { id: 'link', method: 'get', path, problem, handle: (visit) => show(host, visit) },
    { id: 'link-open', method: 'post', path, problem, handle: (visit) => open(host, visit) },
  ];
}

const viewOf = (host: CheckoutHost, link: LinkRow, { headers }: PageVisit) => ({
  locale: localeOf(detailsOf<LinkDetails>(link).locale, headers['accept-language']),
  sandbox: host.mode === 'sandbox',
});

/** Looking opens nothing: mail programs look at every link that arrives. */
async function show(host: CheckoutHost, visit: PageVisit): Promise<Reply> {
  const link = await linkById(host, visit.params['link_id'] ?? '');
  if (!isUsable(host, link)) return linkGonePage(viewOf(host, link, visit));
  return linkPage(host, link, visit);
}

async function open(host: CheckoutHost, visit: PageVisit): Promise<Reply> {
  const link = await linkById(host, visit.params['link_id'] ?? '');
  const { form, requestId } = visit;
  const name = form['name']?.trim() ?? '';
  const email = form['email']?.trim() ?? '';
  const required = detailsOf<LinkDetails>(link).customer_info === 'required';
  if (required && isUsable(host, link)) {
    if (name === '' || name.length > 200) return linkPage(host, link, visit, 'name');
    if (!isEmail(email)) return linkPage(host, link, visit, 'email');
  }
  const formKey = /^[0-9a-z]{26}$/.exec(form['form'] ?? '')?.[0] ?? newFormKey();
  const session = await openedFrom(host, link, {
    ...(required && { name, email }),
    formKey,
    requestId,
  });
  if (!session) return linkGonePage(viewOf(host, link, visit));
  const location = `/checkout/${session.id}`;
  return { status: 303, contentType: 'text/plain', body: '', headers: { location } };
}

function linkPage(
  host: CheckoutHost,
  link: LinkRow,
  visit: PageVisit,
  wrong?: 'name' | 'email',
): Reply {
  const view = viewOf(host, link, visit);
  const { locale } = view;
  const { texts } = locale;
  const details = detailsOf<LinkDetails>(link);
  const title = say(texts.linkTitle, { seller: details.seller_name });
  const given = (name: string) => (visit.form[name] ?? '').slice(0, 254);
  const mark = (name: string) =>
    name === wrong && html` aria-invalid="true" aria-describedby="error" autofocus`;
  const complaint = wrong && (wrong === 'name' ? texts.badName : texts.badEmail);
  const main = html`${summaryOf(locale, title, details)}
    <section class="card">
      <div id="error" class="error" role="alert" tabindex="-1">${complaint}</div>
      <form method="post" action="/pay/${link.id}">
        <input type="hidden" name="form" value="${newFormKey()}" />
        ${
          details.customer_info === 'required' &&
          html`<label for="name">${texts.yourName}</label>
            <input
              id="name"
              name="name"
              autocomplete="name"
              maxlength="200"
              dir="auto"
              required
              value="${given('name')}"
              ${mark('name')}
            />
            <label for="email">${texts.yourEmail}</label>
            <input
              id="email"
              name="email"
              type="email"
              autocomplete="email"
              maxlength="254"
              dir="ltr"
              required
              value="${given('email')}"
              ${mark('email')}
            />`
        }
        <button type="submit">${texts.linkContinue}</button>
      </form>
    </section>`;
  return replyOf({ ...view, status: wrong ? 422 : 200, title, main });
}
