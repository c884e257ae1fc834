/** The look of the pages: system fonts, two colour schemes, one column from 320 px up. */
export const style = `
:root{color-scheme:light dark;--ink:#1c2230;--soft:#566074;--line:#737d91;--paper:#fff;--ground:#f2f4f8;
--brand:#1d4ed8;--on-brand:#fff;--bad:#a8071a;--bad-ground:#fff1f0;--good:#0b6b3a;
--test:#6b3f00;--test-ground:#fff3d6;--rule:#dfe3ec}
@media (prefers-color-scheme:dark){:root{--ink:#e9edf5;--soft:#aab4c8;--line:#7d889e;--paper:#1a2030;
--ground:#10141f;--brand:#8fb4ff;--on-brand:#0b1430;--bad:#ffb3ac;--bad-ground:#3a1618;--good:#7fe0ac;--test:#ffd98a;--test-ground:#3a2a08;--rule:#343d52}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);
font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
.page{max-width:30rem;margin:0 auto;padding:1rem}
.card{background:var(--paper);border-radius:12px;padding:1.25rem;margin:0 0 1rem;
box-shadow:0 1px 3px rgb(0 0 0/.18)}
h1{font-size:1.15rem;margin:0 0 .25rem;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0 0 .75rem}
p{margin:.25rem 0;overflow-wrap:anywhere}
.amount{font-size:2rem;font-weight:700;line-height:1.2;margin:.25rem 0}
.soft{color:var(--soft)}
.seller{display:flex;align-items:center;gap:.75rem;margin:0 0 1rem}
.seller h1{margin:0}
.seal{flex:none;display:grid;place-items:center;width:2.5rem;height:2.5rem;border-radius:50%;
background:var(--brand);color:var(--on-brand);font-weight:700;font-size:1.1rem}
.lines{list-style:none;margin:.75rem 0 0;padding:.75rem 0 0;border-top:1px solid var(--rule)}
.lines li{display:flex;justify-content:space-between;gap:1rem}
.lines span:first-child{overflow-wrap:anywhere}
.lines span:last-child{white-space:nowrap}
label{display:block;font-weight:600;font-size:.9375rem;margin:.9rem 0 .25rem}
form>input[type=hidden]:first-child+label{margin-top:0}
.button+p,.fields+p{margin-top:1rem}
input{width:100%;min-height:3rem;padding:.6rem .75rem;font:inherit;color:inherit;
background:var(--paper);border:1px solid var(--line);border-radius:8px}
input[dir=ltr]{text-align:start}
input[aria-invalid=true]{border:2px solid var(--bad)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:0 .75rem;align-items:end}
button,.button{display:block;width:100%;min-height:3rem;margin:1.1rem 0 0;padding:.7rem 1rem;
font:inherit;font-weight:700;text-align:center;text-decoration:none;cursor:pointer;
color:var(--on-brand);background:var(--brand);border:1px solid var(--brand);border-radius:8px}
button.other{color:var(--brand);background:transparent}
button[aria-disabled=true]{opacity:.65;cursor:progress}
a{color:var(--brand)}
:focus-visible{outline:3px solid var(--brand);outline-offset:2px}
.error{color:var(--bad);background:var(--bad-ground);border:1px solid var(--bad);
border-radius:8px;padding:.6rem .75rem;margin:0 0 1rem}
.error:empty{display:none}
.fields{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem;margin:1rem 0 0}
.fields dt{color:var(--soft)}.fields dd{margin:0;font-weight:700;overflow-wrap:anywhere}
.qr{display:block;max-width:100%;margin:1rem auto;background:#fff;padding:8px}
.fields dd{user-select:all}
.state{text-align:center;padding:2rem 1.25rem}
.mark{display:grid;place-items:center;width:4rem;height:4rem;margin:0 auto 1rem;border-radius:50%;
font-size:2rem;line-height:1;color:var(--on-mark,var(--paper));background:var(--soft)}
.good{background:var(--good)}
.state .button{margin-top:1.5rem}
.test{text-align:center;font-size:.875rem;font-weight:600;color:var(--test);
background:var(--test-ground);border-radius:8px;padding:.4rem .75rem;margin:0 0 1rem}
.foot{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.25rem 1rem;font-size:.9375rem}
.foot p{margin:0}
.hint{display:flex;gap:.5rem;font-size:.875rem;color:var(--soft);margin:.75rem 0 0}
.hint svg{flex:none;width:1rem;height:1.3rem;fill:none;stroke:currentColor;stroke-width:1.6}
`;
