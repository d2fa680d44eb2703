// Long tables: of 50,000 rows only those in sight are in the page. Sorts, filters, shows one row whole, prints the first ones.
'use strict';

const PRINTED = 500;
const WIDTHS = {long: 'minmax(0, 4fr)', title: 'minmax(0, 4fr)', id: 'minmax(0, 2.7fr)', short: 'minmax(0, 1.6fr)', state: '5.4rem', time: '9.5rem', number: 'minmax(3.5rem, 1fr)'};
const numbers = new Intl.NumberFormat('en');
const spaced = (n) => numbers.format(n).replace(/,/g, '\u202f');

const made = (tag, cls, text) => {
    const element = document.createElement(tag);
    if (cls) element.className = cls;
    if (text !== undefined) element.textContent = text;
    return element;
};

// Words into an element; what stands between backticks as code.
const told = (element, text) => {
    String(text).split('`').forEach((part, number) => element.append(number % 2 ? made('code', '', part) : part));
    return element;
};

class LongTable {
    constructor(place, {columns, narrow, words, rows}) {
        Object.assign(this, {place, columns, words, rows, what: place.dataset.more});
        place.style.setProperty('--narrow-row', `${narrow}rem`);
        this.order = null; // numbers of the rows that are shown, in their order; null: all, as they came
        this.sorted = null; // [column, 1 or -1]
        this.build();
        this.choose();
    }

    value(row, at) {
        const cell = row[at];
        return this.words[at] ? this.words[at][cell] : cell;
    }

    shown(row, at) {
        const value = this.value(row, at);
        if (value === null || value === undefined) return '–';
        const kind = this.columns[at][2];
        if (kind === 'number') return spaced(value);
        if (kind === 'time') return Math.abs(value) < 8.64e15 ? new Date(value).toISOString().slice(0, 16).replace('T', ' ') : '–';
        return value;
    }

    build() {
        const {place, columns} = this;
        place.style.setProperty('--columns', columns.map(([, , kind]) => WIDTHS[kind]).join(' '));
        const tools = made('div', 'tools');
        this.wish = made('input');
        Object.assign(this.wish, {type: 'search', placeholder: `filter ${this.what}`});
        this.wish.setAttribute('aria-label', `filter ${this.what}`);
        let waiting;
        this.wish.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(() => this.choose(), 80); });
        this.count = made('output');
        this.picks = columns.flatMap(([key, head], at) => (['type', 'status'].includes(key) && this.words[at] && this.words[at].length > 1 ? [this.pick(head, at)] : []));
        if (this.rows.length > 8) tools.append(this.wish, ...this.picks.map(({select}) => select));
        tools.append(this.count);

        const grid = made('div', 'grid');
        grid.setAttribute('role', 'table');
        grid.setAttribute('aria-label', this.what);
        grid.setAttribute('aria-rowcount', this.rows.length + 1);
        const head = made('div', 'line head');
        head.setAttribute('role', 'row');
        this.heads = columns.map(([, title, kind], at) => {
            const cell = made('button', kind, title);
            cell.setAttribute('role', 'columnheader');
            cell.addEventListener('click', () => this.sort(at));
            return cell;
        });
        head.append(...this.heads);
        this.scroll = made('div', 'scroll');
        this.scroll.tabIndex = 0;
        this.room = made('div');
        this.body = made('div', 'body');
        this.scroll.append(this.room, this.body);
        this.scroll.addEventListener('scroll', () => this.draw(), {passive: true});
        new ResizeObserver(() => this.measure()).observe(place);
        grid.append(head, this.scroll);
        this.printed = made('div', 'printed');
        place.append(tools, grid, this.printed);
    }

    pick(head, at) {
        const select = made('select');
        select.setAttribute('aria-label', head);
        select.append(new Option(`every ${head}`, ''), ...this.words[at].map((word, number) => new Option(word.replace('_', ' '), number)));
        select.addEventListener('change', () => this.choose());
        return {select, at};
    }

    choose() {
        const wish = this.wish.value.trim().toLowerCase();
        const picked = this.picks.filter(({select}) => select.value !== '').map(({select, at}) => [at, Number(select.value)]);
        if (wish || picked.length || this.sorted) {
            // Words that repeat themselves are looked through once, not once a row.
            const fitting = Object.fromEntries(Object.entries(this.words).map(([at, list]) => [at, list.map((word) => word.toLowerCase().includes(wish))]));
            const fits = (row) => row.some((cell, at) => (fitting[at] ? fitting[at][cell] : typeof cell === 'string' && cell.toLowerCase().includes(wish)));
            const order = [];
            this.rows.forEach((row, number) => {
                if (picked.every(([at, value]) => row[at] === value) && (!wish || fits(row))) order.push(number);
            });
            this.order = order;
            if (this.sorted) this.arrange(...this.sorted);
        } else {
            this.order = null;
        }
        const count = this.order ? this.order.length : this.rows.length;
        const all = `${spaced(this.rows.length)} ${this.rows.length === 1 ? this.place.dataset.one : this.what}`;
        this.count.textContent = count === this.rows.length ? all : `${spaced(count)} of ${all}`;
        this.scroll.scrollTop = 0;
        this.measure();
    }

    sort(at) {
        const turn = this.sorted && this.sorted[0] === at ? -this.sorted[1] : 1;
        this.sorted = [at, turn];
        this.heads.forEach((head, number) => head.setAttribute('aria-sort', number !== at ? 'none' : turn > 0 ? 'ascending' : 'descending'));
        this.choose();
    }

    arrange(at, turn) {
        const compare = new Intl.Collator('en', {numeric: true}).compare;
        // Each different word is compared once; rows are compared by their places among them.
        const values = this.order.map((number) => this.value(this.rows[number], at));
        const isText = values.some((value) => typeof value === 'string');
        const places = isText ? new Map([...new Set(values)].sort((a, b) => compare(a ?? '', b ?? '')).map((value, place) => [value, place])) : null;
        const key = (number) => { const value = this.value(this.rows[number], at); return places ? places.get(value) : value ?? -Infinity; };
        const keys = new Map(this.order.map((number) => [number, key(number)]));
        this.order.sort((a, b) => (keys.get(a) < keys.get(b) ? -turn : keys.get(a) > keys.get(b) ? turn : a - b));
    }

    get length() { return this.order ? this.order.length : this.rows.length; }

    row(place) { return this.rows[this.order ? this.order[place] : place]; }

    measure() {
        const rem = parseFloat(getComputedStyle(document.documentElement).fontSize);
        this.height = parseFloat(getComputedStyle(this.place).getPropertyValue('--row')) * rem;
        this.room.style.height = `${Math.max(this.length, 1) * this.height}px`;
        this.from = -1;
        this.draw();
    }

    draw() {
        const from = Math.max(0, Math.floor(this.scroll.scrollTop / this.height) - 4);
        const to = Math.min(this.length, from + Math.ceil(this.scroll.clientHeight / this.height) + 9);
        if (from === this.from && to === this.to) return;
        Object.assign(this, {from, to});
        const lines = document.createDocumentFragment();
        for (let place = from; place < to; place += 1) lines.append(this.line(place));
        if (!this.length) lines.append(made('p', 'empty', 'none'));
        this.body.style.transform = `translateY(${from * this.height}px)`;
        this.body.replaceChildren(lines);
    }

    line(place) {
        const row = this.row(place);
        const line = made('div', 'line');
        line.setAttribute('role', 'row');
        line.setAttribute('aria-rowindex', place + 2);
        this.columns.forEach(([, head, kind], at) => {
            const text = this.shown(row, at);
            const cell = made('span', kind);
            if (kind === 'state') cell.append(made('b', `status ${text}`, text));
            else told(cell, text);
            cell.dataset.head = head;
            cell.setAttribute('role', 'cell');
            line.append(cell);
        });
        line.tabIndex = 0;
        line.addEventListener('click', () => this.whole(row));
        line.addEventListener('keydown', (event) => { if (event.key === 'Enter') this.whole(row); });
        return line;
    }

    whole(row) {
        const dialog = document.getElementById('whole');
        const lines = this.columns.flatMap(([, head], at) => [made('dt', '', head), told(made('dd'), this.shown(row, at))]);
        dialog.querySelector('dl').replaceChildren(...lines);
        dialog.showModal();
    }

    print() {
        const table = made('table');
        const head = table.createTHead().insertRow();
        for (const [, title, kind] of this.columns) head.append(made('th', kind, title));
        const body = table.createTBody();
        const most = Math.min(this.length, PRINTED);
        for (let place = 0; place < most; place += 1) {
            const line = body.insertRow();
            this.columns.forEach(([, , kind], at) => line.append(told(made('td', kind), this.shown(this.row(place), at))));
        }
        this.printed.replaceChildren(table);
        if (this.length > most) this.printed.append(made('p', 'note', `The first ${spaced(most)} of ${spaced(this.length)} ${this.what}: the CSV files beside this page have all.`));
    }
}

const data = JSON.parse(document.getElementById('data').textContent);
const longTables = [...document.querySelectorAll('.rows')].filter(({id}) => data[id]).map((place) => new LongTable(place, data[place.id]));
const details = [...document.querySelectorAll('details')];
const toPrint = () => {
    for (const one of details) one.open = true;
    for (const table of longTables) if (!table.printed.firstChild) table.print();
};
const printedAfter = () => { for (const table of longTables) table.printed.replaceChildren(); };
window.addEventListener('beforeprint', () => { printedAfter(); toPrint(); });
window.addEventListener('afterprint', printedAfter);
matchMedia('print').addEventListener('change', ({matches}) => (matches ? toPrint() : printedAfter()));
document.getElementById('whole').addEventListener('click', (event) => { if (event.target.id === 'whole') event.target.close(); });
