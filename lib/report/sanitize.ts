/** HTML and SVG that somebody else wrote, without what can run or load: by DOMPurify (https://github.com/cure53/DOMPurify) in jsdom. */
import createDOMPurify from 'dompurify';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
const purifier = createDOMPurify(window);

/** What makes no sense in a page that is only read, and could lead its reader astray. */
const FORBIDDEN = [
  ...['style', 'form', 'input', 'button', 'select', 'textarea', 'dialog'],
  ...['audio', 'video', 'source', 'track', 'picture'],
];

/** Style that stays within its element: no place on the page, nothing loaded, nothing larger than what it stands in. */
const HARMLESS_STYLE =
  /^\s*(?:(?:background-)?color|text-align|vertical-align|font-weight|font-style|white-space|border(?:-\w+)*|padding(?:-\w+)?)\s*:\s*[\w\s.,#%()]*$/;

purifier.addHook('uponSanitizeAttribute', (_, data) => {
  if (data.attrName !== 'style') return;
  data.attrValue = data.attrValue
    .split(';')
    .filter((declaration) => HARMLESS_STYLE.test(declaration) && !/url|expression/i.test(declaration))
    .join(';');
  data.keepAttr = data.attrValue !== '';
});

/** HTML with formulas (MathML) and pictures; names of elements get a prefix, so that none takes the place of the page's own. */
export function sanitizeHtml(html: string): string {
  return purifier.sanitize(html, {
    USE_PROFILES: { html: true, mathMl: true, svg: true },
    // KaTeX writes the formula's source beside it.
    ADD_TAGS: ['semantics', 'annotation'],
    ADD_ATTR: ['encoding'],
    FORBID_TAGS: FORBIDDEN,
    ALLOW_DATA_ATTR: false,
    SANITIZE_NAMED_PROPS: true,
  });
}

const pictures = new Map<string, string>();

/** An SVG picture as XML; an empty one where the text holds none. */
export function sanitizeSvg(text: string): string {
  let svg = pictures.get(text);
  if (svg === undefined) {
    // Read as HTML, whose names of SVG elements DOMPurify knows in their own spelling.
    const body = purifier.sanitize(text, {
      USE_PROFILES: { svg: true, svgFilters: true },
      ADD_ATTR: ['role'],
      RETURN_DOM: true,
    });
    const picture = body.firstElementChild;
    svg =
      picture?.nodeName === 'svg'
        ? new window.XMLSerializer().serializeToString(picture)
        : '<svg xmlns="http://www.w3.org/2000/svg"/>';
    pictures.set(text, svg);
  }
  return svg;
}
