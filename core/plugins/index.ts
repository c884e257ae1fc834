/** The host's side of plugins, for the wiring. */
export { hostOf, type Installed } from './host.ts';
export { nextTellingAt, tellDue, type InboxDeps } from './inbox.ts';
export { NativeCalls } from './native-calls.ts';
export { assertNoClashes, pluginFault, PluginRefused, type OwnSetting } from './shape.ts';
export { SideWrites } from './side-writes.ts';
