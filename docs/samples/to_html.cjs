// Reads {name: Markdown} from standard input and writes {name: HTML}, as Mattermost's own library makes it.
const {HtmlRenderer, Parser} = require('@mattermost/commonmark');

// What its web and mobile clients link by themselves (their default schemes).
const SCHEMES = ['http', 'https', 'ftp', 'mailto', 'tel', 'mattermost'];
const urlFilter = (url) => {
    const scheme = /^([a-z][a-z0-9.+-]*):/i.exec(url);
    return !scheme || SCHEMES.includes(scheme[1].toLowerCase());
};

const escaped = (text) => text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');

const parser = new Parser({urlFilter, minimumHashtagLength: 3});
const renderer = new HtmlRenderer({softbreak: '<br>'});
// Mattermost shows tags as they were typed.
renderer.html_inline = function (node) {
    this.lit(escaped(node.literal));
};
renderer.html_block = function (node) {
    this.lit(`<p>${escaped(node.literal)}</p>`);
};

// The library leaves names and emoji to the client; this is what its client shows.
const shown = (html) => html
    .replace(/<span data-mention-name="([^"]*)" \/>/g, '<b class="name">@$1</b>')
    .replace(/<span data-channel-name="([^"]*)" \/>/g, '<b class="name">~$1</b>')
    .replace(/<span data-hashtag="([^"]*)" \/>/g, '<b class="name">#$1</b>')
    .replace(/<span data-emoji-name="[^"]*" data-literal="([^"]*)" \/>/g, '<i class="emoji">$1</i>')
    .replace(/<li>\[([ x])\] /g, (_, mark) => `<li class="box">${mark === 'x' ? '☑' : '☐'} `);

const samples = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const drawn = Object.entries(samples).map(([name, markdown]) => [name, shown(renderer.render(parser.parse(markdown)))]);
process.stdout.write(JSON.stringify(Object.fromEntries(drawn)));
