/** Lets whoever files work wake the job that does it; silent until a job is hung on it. */
export class Bell {
  #ring: () => void = () => {};

  hang(ring: () => void): void {
    this.#ring = ring;
  }

  readonly ring = (): void => this.#ring();
}
