// Posts as Mattermost's own Markdown library makes them, let through element by element: no message can do anything here.
'use strict';

// What its clients link by themselves.
const SCHEMES = ['http', 'https', 'ftp', 'mailto', 'tel', 'mattermost'];
const isHarmless = (url) => {
    const scheme = /^\s*([a-z][a-z0-9.+-]*):/i.exec(url);
    return !scheme || SCHEMES.includes(scheme[1].toLowerCase());
};
const LET_THROUGH = new Set('P BR STRONG EM DEL CODE PRE A BLOCKQUOTE UL OL LI H1 H2 H3 H4 H5 H6 HR TABLE THEAD TBODY TR TH TD B I'.split(' '));
const CLASSES = new Set(['name', 'emoji', 'box']);

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
const parser = new commonmark.Parser({urlFilter: isHarmless, minimumHashtagLength: 3});
const renderer = new commonmark.HtmlRenderer({softbreak: '<br>'});
// Mattermost shows tags as they were typed.
renderer.html_inline = function (node) { this.lit(escaped(node.literal)); };
renderer.html_block = function (node) { this.lit(`<p>${escaped(node.literal)}</p>`); };

// The library leaves names and emoji to the client; this is what its client shows.
const asShown = (html) => html
    .replace(/<span data-mention-name="([^"]*)" \/>/g, '<b class="name">@$1</b>')
    .replace(/<span data-channel-name="([^"]*)" \/>/g, '<b class="name">~$1</b>')
    .replace(/<span data-hashtag="([^"]*)" \/>/g, '<b class="name">#$1</b>')
    .replace(/<span data-emoji-name="[^"]*" data-literal="([^"]*)" \/>/g, '<i class="emoji">$1</i>')
    .replace(/<li>\[([ x])\] /g, (_, mark) => `<li class="box">${mark === 'x' ? '☑' : '☐'} `);

// A copy of a rendered text with nothing but what is known to be harmless: other elements leave their words.
const letThrough = (from, to) => {
    for (const node of from.childNodes) {
        if (node.nodeType === Node.TEXT_NODE) {
            to.append(node.textContent);
        } else if (node.nodeType === Node.ELEMENT_NODE && node.tagName === 'IMG') {
            to.append(node.getAttribute('alt') || node.getAttribute('src') || '');
        } else if (node.nodeType === Node.ELEMENT_NODE) {
            const copy = LET_THROUGH.has(node.tagName) ? document.createElement(node.tagName) : document.createDocumentFragment();
            if (copy.tagName === 'A' && isHarmless(node.getAttribute('href') || '')) {
                copy.href = node.getAttribute('href');
                copy.rel = 'noopener noreferrer';
            }
            if (copy.tagName === 'OL' && node.start > 0) copy.start = node.start;
            if (copy.classList && CLASSES.has(node.className)) copy.className = node.className;
            letThrough(node, copy);
            to.append(copy);
        }
    }
};

for (const place of document.querySelectorAll('.markdown')) {
    try {
        const rendered = new DOMParser().parseFromString(asShown(renderer.render(parser.parse(place.textContent))), 'text/html');
        const copy = document.createDocumentFragment();
        letThrough(rendered.body, copy);
        place.replaceChildren(copy);
        place.classList.add('drawn');
    } catch (error) {
        console.warn('shown as it was written:', error); // the text itself stands there already
    }
}
