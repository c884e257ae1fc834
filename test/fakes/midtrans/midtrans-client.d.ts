/** As much of the official client's interface as these tests use; the package ships no types. */
declare module 'midtrans-client' {
  type Body = Record<string, unknown>;

  interface ApiConfig {
    getCoreApiBaseUrl(): string;
    getSnapApiBaseUrl(): string;
  }

  interface Transactions {
    status(id: string): Promise<Body>;
    approve(id: string): Promise<Body>;
    deny(id: string): Promise<Body>;
    cancel(id: string): Promise<Body>;
    expire(id: string): Promise<Body>;
    refund(id: string, parameter?: Body): Promise<Body>;
    refundDirect(id: string, parameter?: Body): Promise<Body>;
    notification(body: Body | string): Promise<Body>;
  }

  interface Options {
    isProduction: boolean;
    serverKey: string;
    clientKey?: string;
  }

  class Client {
    constructor(options: Options);
    readonly apiConfig: ApiConfig;
    readonly transaction: Transactions;
    readonly httpClient: {
      readonly http_client: { readonly defaults: { headers: { common: Record<string, string> } } };
    };
  }

  class CoreApi extends Client {
    charge(parameter: Body): Promise<Body>;
    capture(parameter: Body): Promise<Body>;
  }

  class Snap extends Client {
    createTransaction(parameter: Body): Promise<{ token: string; redirect_url: string }>;
  }

  const midtrans: { readonly CoreApi: typeof CoreApi; readonly Snap: typeof Snap };
  export = midtrans;
}
