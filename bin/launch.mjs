#!/usr/bin/env node
/**
 * The front door of a checkout: with only Node and npm present it installs, builds, and then runs
 * the CLI in this same process, so that signals and exit codes are the CLI's own. Plain JavaScript
 * without dependencies, because it runs before there are any. It speaks on stderr only: stdout
 * belongs to the command (`--json`). `--prepare` stops after the build.
 */
import { spawn } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import { constants, hostname } from 'node:os';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const at = (...parts) => path.join(root, ...parts);

const sourceFolders = ['bin', 'config', 'connectors', 'core', 'migrations', 'plugins'];
const assetKinds = /\.(css|html|json|svg|ya?ml)$/;
const endings = ['SIGHUP', 'SIGINT', 'SIGTERM'];
const swaggerFiles = ['swagger-ui.css', 'swagger-ui-bundle.js'];
const installedMark = at('node_modules/.pointsman-lock');
const builtMark = at('dist/.built');
const compilerCache = at('dist/.tsbuildinfo');
const lockFile = at('dist/.lock');

refuseOldNode();
const argv = process.argv.slice(2);
// A plain install carries dist/ and no build file: there is nothing to prepare then.
if (fs.existsSync(at('tsconfig.build.json'))) await prepare();
if (argv[0] !== '--prepare') await start();

function refuseOldNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  fail(
    `Pointsman needs Node 20.19 or newer; this is Node ${process.versions.node} ` +
      `(${process.execPath}).\nInstall a current LTS release of Node and try again.`,
  );
}

async function start() {
  const entry = at('dist/bin/pointsman.js');
  if (!fs.existsSync(entry)) fail(`Nothing to run: ${entry} is missing from this install.`);
  process.setSourceMapsEnabled(true); // stack traces name the TypeScript lines
  const { main } = await import(pathToFileURL(entry).href);
  await main(argv);
}

async function prepare() {
  if (isInstalled() && isBuilt()) return;
  const release = await takeLock();
  if (!isInstalled()) await install();
  if (!isBuilt()) await build();
  release();
}

function isInstalled() {
  return read(installedMark) === installFingerprint();
}

/** SQLite is compiled for one platform and one Node major, so both belong to the fingerprint. */
function installFingerprint() {
  const lock = createHash('sha256')
    .update(fs.readFileSync(at('package-lock.json')))
    .digest('hex');
  return `${lock} ${process.platform}-${process.arch} abi-${process.versions.modules}\n`;
}

async function install() {
  if (!holdsLockedPackages()) {
    say('Installing … (about 2 minutes the first time: SQLite is compiled)');
    // --include=dev: NODE_ENV=production would leave out the compiler.
    const { status, output } = await npm(['ci', '--include=dev', '--no-audit', '--no-fund']);
    if (status !== 0) {
      fail(
        `${output}\nInstalling failed (npm's words above). It needs the package registry, and ` +
          'python3, make and a C++ compiler where SQLite has to be compiled. Try again: npm ci',
      );
    }
  }
  if (!(await sqliteOpens())) {
    say('Compiling SQLite for this Node … (about a minute)');
    const { output } = await npm(['rebuild', 'better-sqlite3']);
    if (!(await sqliteOpens())) {
      fail(
        `${output}\nSQLite does not open after compiling. It needs python3, make, a C++ compiler ` +
          "and npm's install scripts allowed. Try again: npm rebuild better-sqlite3",
      );
    }
  }
  linkCommand();
  fs.writeFileSync(installedMark, installFingerprint());
}

/** Whether npm's own record of node_modules agrees with the lock: an `npm ci` by hand is enough. */
function holdsLockedPackages() {
  const record = read(at('node_modules/.package-lock.json'));
  if (record === undefined) return false;
  const present = JSON.parse(record).packages;
  const wanted = JSON.parse(read(at('package-lock.json'))).packages;
  return Object.entries(wanted).every(([where, entry]) => {
    if (where === '') return true;
    const found = present[where];
    if (found === undefined) return entry.optional === true || entry.devOptional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** In a process of its own: an addon of another Node may end the process that loads it. */
async function sqliteOpens() {
  if (!fs.existsSync(at('node_modules/better-sqlite3'))) return true;
  const probe = "new (require(process.argv[1]))(':memory:').close()";
  return (await run(process.execPath, ['-e', probe, 'better-sqlite3'])).status === 0;
}

/** `npx pointsman` looks here first; without it npx copies a link into its cache, and is slower. */
function linkCommand() {
  if (process.platform === 'win32') return;
  const link = at('node_modules/.bin/pointsman');
  fs.mkdirSync(path.dirname(link), { recursive: true });
  fs.rmSync(link, { force: true });
  fs.symlinkSync('../../bin/launch.mjs', link);
}

function npm(args) {
  const own = process.env.npm_execpath ?? '';
  if (own.endsWith('npm-cli.js')) return run(process.execPath, [own, ...args]);
  return run('npm', args, { shell: process.platform === 'win32' });
}

function isBuilt() {
  const mark = read(builtMark);
  if (mark === undefined) return false;
  const sources = listSources();
  return mark === buildFingerprint(sources) && sources.every((one) => fs.existsSync(outputOf(one)));
}

/** Every file that is compiled or copied, relative to the root; a spec is neither. */
function listSources() {
  return sourceFolders
    .flatMap((folder) => filesUnder(folder))
    .filter((file) => /(?<!\.spec|\.d)\.ts$/.test(file) || assetKinds.test(file))
    .sort();
}

function outputOf(source) {
  return at('dist', source.replace(/\.ts$/, '.js'));
}

function buildFingerprint(sources) {
  const makers = ['bin/launch.mjs', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'];
  const lines = [...makers, ...sources].map((file) => {
    const { size, mtimeMs } = fs.statSync(at(file));
    return `${file} ${size} ${mtimeMs}\n`;
  });
  return lines.join('');
}

async function build() {
  say('Building …');
  const sources = listSources();
  const fingerprint = buildFingerprint(sources); // before compiling: a later edit builds again
  // The compiler's cache believes that its last outputs are all there: keep it only if they are.
  const whole = fs.existsSync(builtMark) && sources.every((one) => fs.existsSync(outputOf(one)));
  if (!whole) fs.rmSync(compilerCache, { force: true });
  fs.rmSync(builtMark, { force: true });
  const compiler = at('node_modules/typescript/bin/tsc');
  const result = await run(process.execPath, [compiler, '-p', 'tsconfig.build.json']);
  if (result.status !== 0) fail(`${result.output}\nBuilding failed (the compiler's words above).`);
  for (const source of sources) if (assetKinds.test(source)) copy(at(source), outputOf(source));
  for (const file of swaggerFiles) {
    const from = at('node_modules/swagger-ui-dist', file);
    if (fs.existsSync(from)) copy(from, at('dist/assets/swagger', file));
  }
  removeStrays(sources);
  fs.writeFileSync(builtMark, fingerprint);
}

/** Outputs of deleted sources would otherwise still be loaded by whoever lists a folder. */
function removeStrays(sources) {
  const kept = new Set(sources.flatMap((one) => [outputOf(one), `${outputOf(one)}.map`]));
  for (const folder of sourceFolders) {
    for (const file of filesUnder(path.join('dist', folder))) {
      if (!kept.has(at(file))) fs.rmSync(at(file));
    }
  }
}

/**
 * Takes the build lock, waiting while another launch holds it, and returns its release. The holder
 * touches the file every 2 s; one that is dead, or silent for 15 s, has lost it.
 */
async function takeLock() {
  const token = `${hostname()} ${process.pid} ${randomUUID()}`;
  const started = performance.now();
  let [last, lastChange, tookOver, told] = ['', started, false, false];
  fs.mkdirSync(path.dirname(lockFile), { recursive: true });
  for (;;) {
    const created = unless('EEXIST', () => fs.openSync(lockFile, 'wx'));
    if (created !== undefined) {
      fs.writeSync(created, token);
      fs.closeSync(created);
      // Two may find the same dead lock, and the second would remove the first one's new one.
      if (tookOver) await sleep(200);
      if (read(lockFile) === token) break;
    }
    const holder = read(lockFile);
    const state = `${holder} ${fs.statSync(lockFile, { throwIfNoEntry: false })?.mtimeMs}`;
    if (state !== last) [last, lastChange] = [state, performance.now()];
    tookOver = holder !== undefined && (isDead(holder) || performance.now() - lastChange > 15_000);
    if (tookOver) fs.rmSync(lockFile, { force: true });
    else await sleep(100);
    if (!told && performance.now() - started > 1000) {
      say('Waiting for another start that is installing or building …');
      told = true;
    }
  }
  const release = () => {
    clearInterval(heartbeat);
    process.off('exit', release);
    if (read(lockFile) === token) fs.rmSync(lockFile, { force: true });
  };
  const heartbeat = setInterval(() => fs.utimesSync(lockFile, new Date(), new Date()), 2000);
  process.on('exit', release);
  return release;
}

function isDead(holder) {
  const [host, pid] = holder.split(' ');
  if (host !== hostname() || !/^\d+$/.test(pid ?? '')) return false;
  try {
    return !process.kill(Number(pid), 0);
  } catch (error) {
    return error.code === 'ESRCH'; // EPERM: alive, and somebody else's
  }
}

/** Runs a command quietly in the root; a signal meant for us ends it first, then us. */
function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const stdio = ['ignore', 'pipe', 'pipe'];
    const child = spawn(command, args, { cwd: root, stdio, ...options });
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const passOn = (signal) => {
      child.kill(signal);
      process.exit(128 + constants.signals[signal]);
    };
    for (const signal of endings) process.on(signal, passOn);
    const finish = (status, more) => {
      for (const signal of endings) process.off(signal, passOn);
      resolve({ status, output: `${output}${more}` });
    };
    child.once('error', (error) => finish(1, `${command}: ${error.message}`));
    child.once('close', (status) => finish(status ?? 1, ''));
  });
}

function filesUnder(folder) {
  if (!fs.existsSync(at(folder))) return [];
  return fs.readdirSync(at(folder), { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    return entry.isDirectory() ? filesUnder(file) : [file];
  });
}

function copy(from, to) {
  fs.mkdirSync(path.dirname(to), { recursive: true });
  fs.copyFileSync(from, to);
}

function read(file) {
  return unless('ENOENT', () => fs.readFileSync(file, 'utf8'));
}

/** The action's result, or undefined when it failed with exactly this code. */
function unless(code, action) {
  try {
    return action();
  } catch (error) {
    if (error.code === code) return undefined;
    throw error;
  }
}

function sleep(durationMs) {
  return new Promise((resolve) => setTimeout(resolve, durationMs));
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(text) {
  process.stderr.write(`${text.trim()}\n`);
  process.exit(1);
}
