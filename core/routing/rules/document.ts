/** YAML with places: the one door through which rules use it. */
export { describeFound, suggestion } from '../../yaml/describe.ts';
export { ConfigError, dotted, type Finding, type Path, type Place } from '../../yaml/findings.ts';
export { byPlace, readYaml, type YamlDocument } from '../../yaml/positions.ts';
