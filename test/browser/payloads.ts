// Texts that run script where they are taken as HTML, of the kinds in OWASP's XSS filter evasion cheat sheet, PortSwigger's cheat sheet,
// html5sec.org and the reports on sanitizers. Each calls `alert`, which the test watches.
const MUTATING = [
  '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
  '<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>',
  '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
  '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
  '<math><annotation-xml encoding="text/html"><style><img src=x onerror=alert(1)></style></annotation-xml></math>',
  '<math><semantics><annotation encoding="text/html"><svg><style><img src=x onerror=alert(1)></style></svg></annotation></semantics></math>',
  '<svg><title><style><!--</style><img src=x onerror=alert(1)>--></style></title></svg>',
  '<svg><desc><script>alert(1)</script></desc></svg>',
  '<table><td><script>alert(1)</script></td></table>',
  '<select><template><style><!--</select><img src=x onerror=alert(1)>--></style></template>',
];

export const PAYLOADS: readonly string[] = [
  '<script>alert(1)</script>',
  '</script><script>alert(1)</script>',
  '</title><script>alert(1)</script>',
  '</style></textarea></noscript></xmp><script>alert(1)</script>',
  '--><script>alert(1)</script><!--',
  ']]><script>alert(1)</script>',
  '"><script>alert(1)</script>',
  `'"><img src=x onerror=alert(1)>`,
  '" onmouseover="alert(1)" autofocus onfocus="alert(1)" x="',
  "' onfocus='alert(1)' autofocus x='",
  '<ScRiPt >alert(1)</sCrIpT>',
  '<script/x>alert(1)</script>',
  '<scr<script>ipt>alert(1)</scr</script>ipt>',
  '<script src="data:text/javascript,alert(1)"></script>',
  '<script type=module>alert(1)</script>',
  '<img src=x onerror=alert(1)>',
  '<img src=x onerror="&#97;lert(1)">',
  '<img src=x:x onerror\n=\nalert(1)>',
  '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
  '<img/src=`x`onerror=alert(1)>',
  '<img srcset=x onerror=alert(1)>',
  '<image src=x onerror=alert(1)>',
  '<svg onload=alert(1)>',
  '<svg/onload=alert(1)//',
  '<svg><script>alert(1)</script></svg>',
  '<svg><script>&#97;lert(1)</script></svg>',
  '<svg><animate onbegin=alert(1) attributeName=x dur=1s>',
  '<svg><a xlink:href="javascript:alert(1)"><text x=20 y=20>x</text></a></svg>',
  '<svg><a><animate attributeName=href values=javascript:alert(1) /><text x=20 y=20>x</text></a></svg>',
  '<svg><set attributeName=onmouseover to=alert(1)></set></svg>',
  '<svg><use href="data:image/svg+xml;base64,PHN2ZyBpZD0neCcgeG1sbnM9J2h0dHA6Ly93d3cudzMub3JnLzIwMDAvc3ZnJz48aW1hZ2UgaHJlZj0neCcgb25lcnJvcj0nYWxlcnQoMSknLz48L3N2Zz4#x" /></svg>',
  '<svg><foreignObject><iframe srcdoc="<script>parent.alert(1)</script>"></iframe></foreignObject></svg>',
  '<body onload=alert(1)>',
  '<video><source onerror=alert(1)></video>',
  '<audio src=x onerror=alert(1)>',
  '<video src=x onerror=alert(1)></video>',
  '<details open ontoggle=alert(1)>x</details>',
  '<input autofocus onfocus=alert(1)>',
  '<select autofocus onfocus=alert(1)></select>',
  '<textarea autofocus onfocus=alert(1)></textarea>',
  '<button popovertarget=x>x</button><div popover id=x onbeforetoggle=alert(1)>x</div>',
  '<marquee onstart=alert(1)>x</marquee>',
  '<xss id=x tabindex=1 onfocus=alert(1)>x</xss>',
  '<div style="animation-name:x" onanimationstart=alert(1)></div><style>@keyframes x{}</style>',
  '<style>@import "data:text/css,*{x:expression(alert(1))}";</style><div onclick=alert(1)>x</div>',
  '<a href="javascript:alert(1)">x</a>',
  '<a href=" &#14; javascript:alert(1)">x</a>',
  '<a href="java&#x09;script:alert(1)">x</a>',
  '<a href="data:text/html,<script>alert(1)</script>">x</a>',
  '[x](javascript:alert(1))',
  '[x](<java\nscript:alert(1)>)',
  '![x](x"onerror="alert(1))',
  '[x]: javascript:alert(1)\n[x]',
  '<javascript:alert(1)>',
  '$\\href{javascript:alert(1)}{x}$',
  '$\\htmlData{x="onload=alert(1)}{x}\\unicode{<img src=x onerror=alert(1)>}$',
  '```"><img src=x onerror=alert(1)>\nx\n```',
  '<iframe src="javascript:parent.alert(1)"></iframe>',
  '<iframe srcdoc="<script>parent.alert(1)</script>"></iframe>',
  '<embed src="data:text/html,<script>parent.alert(1)</script>">',
  '<object data="javascript:parent.alert(1)"></object>',
  '<form action="javascript:alert(1)"><button>x</button></form>',
  '<form><button formaction="javascript:alert(1)">x</button></form>',
  '<isindex type=image src=x onerror=alert(1)>',
  '<base href="javascript:/a/-alert(1)///////"><a href="../lol/safari.html">x</a>',
  '<meta http-equiv="refresh" content="0;url=javascript:alert(1)">',
  '<link rel=stylesheet href=x onerror=alert(1)>',
  '<template shadowrootmode=open><img src=x onerror=alert(1)></template>',
  '<div class="chart" id="x" data-kind="plotly"></div><script id="x-spec">alert(1)</script>',
  '<img name=getElementById><img id=querySelectorAll onerror=alert(1) src=x>',
  ...MUTATING,
];

const vegaText = (text: string) => ({
  title: text,
  description: text,
  data: { values: [{ a: text, b: 1 }] },
  mark: { type: 'bar', tooltip: { content: 'data' } },
  encoding: {
    x: { field: 'a', title: text },
    y: { field: 'b', type: 'quantitative' },
    href: { value: 'javascript:alert(1)' },
    tooltip: { field: 'a' },
  },
});

const vegaWith = (rest: object) => ({
  data: { values: [{ a: 1 }] },
  mark: 'point',
  encoding: { x: { field: 'a', type: 'quantitative' } },
  ...rest,
});

const calculated = (calculate: string) => vegaWith({ transform: [{ calculate, as: 'z' }] });

/** Vega-lite specifications: expressions that leave their language (the advisories of vega), texts, links, options of the embedding. */
export const VEGA_SPECS: readonly object[] = [
  ...['<img src=x onerror=alert(1)>', '"><svg onload=alert(1)>', '<a href="javascript:alert(1)">x</a>'].map(vegaText),
  calculated("datum.constructor.constructor('alert(1)')()"),
  calculated("''['constructor']['constructor']('alert(1)')()"),
  calculated("[].map.constructor('alert(1)')()"),
  calculated("replace('a', 'a', alert)"),
  calculated('lassoAppend([], {toString: event.view.alert}, 1)'),
  calculated("scale('x', 1, {constructor: 1})"),
  calculated('vlSelectionTuples([{datum: {}}], {fields: [{getter: window.alert}]})'),
  calculated("window['alert'](1)"),
  calculated('this.alert(1)'),
  calculated('toString({toString: alert})'),
  vegaWith({
    params: [
      { name: 'p', value: 1, bind: { input: '"><img src=x onerror=alert(1)>', name: '<img src=x onerror=alert(1)>' } },
    ],
  }),
  vegaWith({ params: [{ name: 'p', expr: 'event.view.alert(1)' }] }),
  vegaWith({
    usermeta: {
      embedOptions: {
        ast: false,
        actions: true,
        defaultStyle: '</style><img src=x onerror=alert(1)>',
        editorUrl: 'javascript:alert(1)',
      },
    },
  }),
  vegaWith({ mark: { type: 'image', url: 'javascript:alert(1)', width: 9, height: 9 } }),
  vegaWith({ data: { url: 'data:text/csv,a\n1' } }),
  vegaWith({ data: { name: '__proto__', values: [{ a: 1 }] } }),
];

const plotlyText = (text: string) => ({
  data: [{ x: [1], y: [1], type: 'scatter', mode: 'markers+text', text: [text], name: text, hovertemplate: text }],
  layout: {
    title: { text },
    showlegend: true,
    xaxis: { title: { text }, ticktext: [text], tickvals: [1] },
    annotations: [{ text, x: 1, y: 1, captureevents: true, hovertext: text }],
  },
});

/** Plotly figures: its texts know some HTML; layout and configuration name addresses. */
export const PLOTLY_SPECS: readonly object[] = [
  ...[
    '<img src=x onerror=alert(1)>',
    '<a href="javascript:alert(1)">x</a>',
    '<a href="java\tscript:alert(1)" target="_self">x</a>',
    '<span style="x" onmouseover="alert(1)">x</span><b onclick=alert(1)>y</b>',
    '</text><script>alert(1)</script>',
  ].map(plotlyText),
  { data: [], layout: { images: [{ source: 'javascript:alert(1)', sizex: 1, sizey: 1 }] } },
  {
    data: [],
    layout: {},
    config: {
      plotlyServerURL: 'javascript:alert(1)',
      showSendToCloud: true,
      showLink: true,
      linkText: '<img src=x onerror=alert(1)>',
    },
  },
  {
    data: [],
    layout: { updatemenus: [{ buttons: [{ label: '<img src=x onerror=alert(1)>', method: 'relayout', args: [] }] }] },
  },
  {
    data: [
      {
        type: 'sankey',
        node: { label: ['<img src=x onerror=alert(1)>'] },
        link: { source: [], target: [], value: [] },
      },
    ],
    layout: {},
  },
  {
    data: [
      {
        type: 'table',
        header: { values: ['<img src=x onerror=alert(1)>'] },
        cells: { values: [['<svg onload=alert(1)>']] },
      },
    ],
    layout: {},
  },
];
