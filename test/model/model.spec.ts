/**
 * Model-based: random sequences of what merchants, customers, time and a failing processor do.
 * After each step the API says what the model says; at the end of each sequence every invariant
 * holds, and at the end of all the books are the simulator's.
 *
 * POINTSMAN_TEST_MODEL_RUNS and POINTSMAN_TEST_MODEL_SEED ask for more sequences, or for others. A
 * counterexample is printed as steps: shrunk, it goes into examples.spec.ts.
 */
import fc from 'fast-check';
import { describeOnEachDatabase } from '../support/databases.ts';
import { StepCommand, steps, type Book } from './commands.ts';
import { playOut, startReal } from './real.ts';

const numRuns = Number(process.env['POINTSMAN_TEST_MODEL_RUNS'] ?? 25);
const seed = Number(process.env['POINTSMAN_TEST_MODEL_SEED'] ?? 20_261_121);
/** Most are passed over because they do not fit the moment; twenty are taken at most. */
const stepsMax = 100;

describeOnEachDatabase('a switch and its model', (database) => {
  let real: Awaited<ReturnType<typeof startReal>>;

  before(async () => {
    real = await startReal(await database.open());
  });
  after(() => real?.stop());

  it(`agree through ${numRuns} lives (seed ${seed})`, async function () {
    this.timeout(60_000 + numRuns * 2_000);
    const lives = fc.commands([steps.map((step) => new StepCommand(step))], {
      maxCommands: stepsMax,
      size: 'max',
    });
    const property = fc.asyncProperty(lives, (life) =>
      playOut(real, (book: Book) => fc.asyncModelRun(() => ({ model: book, real }), life)),
    );
    // Unbiased: short lives are as good as none.
    await fc.assert(property, { numRuns, seed, unbiased: true });
  });
});
