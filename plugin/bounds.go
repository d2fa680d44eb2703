package main

import (
	"bytes"
	"reflect"
	"strings"
)

// bound is how many things of some kinds a body holds at most. Decoded, a thing takes up to a hundred times the bytes that it
// came in: 16 MiB of "{}," in a list were 1.5 GB of posts. So a body is counted before anything of it is decoded.
type bound struct {
	name string // as the refusal calls them
	most int
	of   []reflect.Type
}

// bounds are those of all bodies. Ids and reactions are bounded where no more of them would fit into a body, were they whole.
var bounds = []bound{
	{"posts", mostPosts, []reflect.Type{reflect.TypeFor[threadIn](), reflect.TypeFor[postIn]()}},
	{"posts", mostPosts, []reflect.Type{reflect.TypeFor[attachedIn]()}},
	{"posts", mostPosts, []reflect.Type{reflect.TypeFor[textIn]()}},
	{"accounts", mostAccounts, []reflect.Type{reflect.TypeFor[accountIn]()}},
	{"channels", mostChannels, []reflect.Type{reflect.TypeFor[channelIn]()}},
	{"channels and people", mostPairs, []reflect.Type{reflect.TypeFor[membership]()}},
	{"reactions", 200_000, []reflect.Type{reflect.TypeFor[reactionIn]()}},
	{"ids", 600_000, []reflect.Type{reflect.TypeFor[string]()}},
	{"values of props", 1_000_000, []reflect.Type{anything}},
}

// anything is what stands in props.
var anything = reflect.TypeFor[any]()

// deepest is where the decoder gives up.
const deepest = 10_000

// objectionToCount says what a body that becomes one of a kind holds too much of. It keeps nothing of the body, and is asked
// before the decoder: of what is no JSON, or has another type, that one speaks.
func objectionToCount(raw []byte, kind reflect.Type) error {
	c := &counter{raw: raw, seen: map[reflect.Type]int{}}
	c.value(kind, 0)
	if c.unknown != "" {
		// The decoder would take a name in other letters, too.
		return wrongBody("the body is not as it must be: it has the unknown field %q", c.unknown)
	}
	for _, one := range bounds {
		there := 0
		for _, kind := range one.of {
			there += c.seen[kind]
		}
		if there > one.most {
			return wrongBody("%d %s in one batch, and %d are taken", there, one.name, one.most)
		}
	}
	return nil
}

// counter goes through a body once, as the decoder will.
type counter struct {
	raw     []byte
	at      int
	seen    map[reflect.Type]int // items of lists, and what is in props
	unknown string
}

// value passes one value that is to become one of a kind; nil: the decoder makes nothing of it.
func (c *counter) value(kind reflect.Type, depth int) {
	for kind != nil && kind.Kind() == reflect.Pointer {
		kind = kind.Elem()
	}
	if depth > deepest {
		c.at = len(c.raw)
	}
	switch c.next() {
	case '{':
		c.inside('}', func() {
			c.next()
			c.value(c.member(kind, c.text()), depth+1)
		})
	case '[':
		item, items := itemOf(kind), 0
		c.inside(']', func() {
			items++
			c.value(item, depth+1)
		})
		c.seen[item] += items
	case '"':
		c.text()
	default:
		for c.at < len(c.raw) && !strings.ContainsRune(" \t\r\n,:]}", rune(c.raw[c.at])) {
			c.at++
		}
	}
}

// member is the kind of what stands under a name in an object that is to become one of a kind.
func (c *counter) member(kind reflect.Type, name []byte) reflect.Type {
	if c.next() == ':' {
		c.at++
	}
	if kind == nil || kind.Kind() != reflect.Struct {
		inner := itemOf(kind)
		c.seen[inner]++
		return inner
	}
	inner, isKnown := fieldsOf[kind][string(name)]
	if !isKnown && c.unknown == "" {
		c.unknown = string(name[:min(len(name), 100)])
	}
	return inner
}

// itemOf is the kind of what stands in a list, or in a map.
func itemOf(kind reflect.Type) reflect.Type {
	switch {
	case kind == nil || kind == anything:
		return kind
	case kind.Kind() == reflect.Slice || kind.Kind() == reflect.Map:
		return kind.Elem()
	}
	return nil
}

// inside passes what stands between two brackets, one after the other.
func (c *counter) inside(end byte, pass func()) {
	for c.at++; c.at < len(c.raw) && c.next() != end; {
		before := c.at
		pass()
		if c.next() == ',' {
			c.at++
		}
		if c.at == before {
			c.at = len(c.raw) // no JSON
		}
	}
	c.at++
}

// text passes a text, and is what stands between its quotes.
func (c *counter) text() []byte {
	first := c.at + 1
	for at := first; at < len(c.raw); at++ {
		quote := bytes.IndexByte(c.raw[at:], '"')
		if quote < 0 {
			break
		}
		at += quote
		if backslashes := len(c.raw[first:at]) - len(bytes.TrimRight(c.raw[first:at], `\`)); backslashes%2 == 0 {
			c.at = at + 1
			return c.raw[first:at]
		}
	}
	c.at = len(c.raw)
	return nil
}

// next is the byte that the next thing begins with; 0 at the end.
func (c *counter) next() byte {
	for ; c.at < len(c.raw); c.at++ {
		switch one := c.raw[c.at]; one {
		case ' ', '\t', '\r', '\n':
		default:
			return one
		}
	}
	return 0
}

// fieldsOf are the fields of what a body consists of, by their names in JSON.
var fieldsOf = fieldsIn(map[reflect.Type]map[string]reflect.Type{},
	reflect.TypeFor[threadsBody](), reflect.TypeFor[accountsBody](), reflect.TypeFor[channelsBody](), reflect.TypeFor[readIn](),
	reflect.TypeFor[attachedBody](), reflect.TypeFor[textsBody](), reflect.TypeFor[fileIn]())

func fieldsIn(known map[reflect.Type]map[string]reflect.Type, kinds ...reflect.Type) map[reflect.Type]map[string]reflect.Type {
	for _, kind := range kinds {
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		if kind.Kind() != reflect.Struct || known[kind] != nil {
			continue
		}
		known[kind] = map[string]reflect.Type{}
		for i := range kind.NumField() {
			field := kind.Field(i)
			known[kind][field.Tag.Get("json")] = field.Type
			fieldsIn(known, field.Type)
		}
	}
	return known
}
