/** What the payer's browser does: the bank's 3-D Secure page, its button, and the way back. */
import { expect } from 'chai';

/** Presses a button of the bank's page; answers where the browser is sent. */
export async function answerChallenge(url: string, outcome: 'approve' | 'fail'): Promise<string> {
  const page = await fetch(url);
  expect(page.status).to.equal(200);
  expect(await page.text()).to.contain(`value="${outcome}"`);
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: `outcome=${outcome}`,
  });
  expect(response.status).to.equal(303);
  return response.headers.get('location') ?? '';
}
