/** Mails to a real SMTP server: what goes over the wire, what is refused, what is never said. */
import { expect } from 'chai';
import { Secret } from '../base/secret.ts';
import {
  openPostOffice,
  postOfficeUser,
  textOf,
  type PostOffice,
} from '../../test/support/post-office.ts';
import { createMailer, MailFault, type Mailer } from './mailer.ts';

const mail = {
  id: 'plink_1',
  to: 'jane@example.com',
  subject: 'Payment to Zoë & “Söhne”',
  text: 'Amount due: 42,00 €\n\nhttps://pay.example/pay/plink_1?x=1\n',
};

describe('the mailer', () => {
  let office: PostOffice;
  const mailers: Mailer[] = [];

  beforeEach(async () => {
    office = await openPostOffice();
  });
  afterEach(async () => {
    for (const mailer of mailers.splice(0)) mailer.close();
    await office.close();
  });

  function mailerAt(url: string | undefined): Mailer {
    const smtpUrl = url === undefined ? undefined : new Secret(url);
    const now = () => Date.UTC(2026, 10, 21, 10);
    const mailer = createMailer({ smtpUrl, from: 'shop@pay.example', now });
    mailers.push(mailer);
    return mailer;
  }

  async function faultOf(mailer: Mailer): Promise<string> {
    try {
      await mailer.send(mail);
    } catch (error) {
      expect(error).to.be.instanceOf(MailFault);
      const { message, stack, cause } = error as MailFault;
      expect(cause).to.equal(undefined);
      expect(`${stack}`).not.to.contain(postOfficeUser.password);
      return message;
    }
    throw new Error('the mail was taken');
  }

  it('hands a mail over, the same one under the same name', async () => {
    const mailer = mailerAt(office.url);
    expect(await mailer.send(mail)).to.equal('sent');
    expect(await mailer.send(mail)).to.equal('sent');
    const [one, two] = office.taken;
    expect(one).to.deep.include({ from: 'shop@pay.example', to: ['jane@example.com'] });
    const head = one?.raw.split('\r\n\r\n')[0] ?? '';
    expect(head)
      .to.match(/^From: shop@pay\.example\r$/m)
      .and.match(/^To: jane@example\.com\r$/m);
    expect(head).to.match(/^Date: Sat, 21 Nov 2026 10:00:00 \+0000\r$/m);
    expect(head).to.match(/^Message-ID: <plink_1@pay\.example>\r$/m);
    expect(two?.raw).to.contain('Message-ID: <plink_1@pay.example>');
    expect(textOf(one?.raw ?? '').replaceAll('\r\n', '\n')).to.equal(mail.text);
  });

  it('lets no text of a merchant become a header', async () => {
    const subject = 'Hello\r\nBcc: all@example.com';
    await mailerAt(office.url).send({ ...mail, subject });
    expect(office.taken[0]?.to).to.deep.equal(['jane@example.com']);
    expect(office.taken[0]?.raw).not.to.match(/^Bcc:/im);
    expect(await mailerAt(undefined).print({ ...mail, subject })).not.to.match(/^Bcc:/im);
  });

  it('prints a mail as it would go over the wire', async () => {
    const mailer = mailerAt(undefined);
    expect(mailer.canSend).to.equal(false);
    const raw = await mailer.print(mail);
    expect(raw)
      .to.match(/^Subject: =\?UTF-8\?[BQ]\?/im)
      .and.contain('\r\n');
    expect(textOf(raw).replaceAll('\r\n', '\n')).to.equal(mail.text);
  });

  it('says refused of a receiver that will never exist, and throws for one that may', async () => {
    office.refusals.push(550, 451);
    expect(await mailerAt(office.url).send(mail)).to.equal('refused');
    expect(await faultOf(mailerAt(office.url))).to.equal(
      'the mail server did not take the mail (EENVELOPE, 451)',
    );
    expect(office.taken).to.deep.equal([]);
  });

  it('repeats no password of a server that does', async () => {
    const wrong = office.url.replace('shop:', 'other:');
    expect(await faultOf(mailerAt(wrong))).to.equal(
      'the mail server did not take the mail (EAUTH, 535)',
    );
  });

  it('throws when nobody is there', async () => {
    const { port } = new URL(office.url);
    await office.close();
    const words = await faultOf(mailerAt(`smtp://127.0.0.1:${port}`));
    expect(words).to.match(/^the mail server did not take the mail \(E\w+\)$/);
    office = await openPostOffice();
  });

  it('sends no password in the clear over a network', async () => {
    await office.close();
    office = await openPostOffice('0.0.0.0');
    // An address of this machine that is not called so stands for any other.
    const words = await faultOf(mailerAt(office.url.replace('127.0.0.1', '127.0.0.2')));
    expect(words).to.match(/\(ETLS/);
    expect(office.taken).to.deep.equal([]);
  });
});
