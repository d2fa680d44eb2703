package main

// columnsWritten are the columns that our statements write, by table, each with the types that were tried: seen alike on
// 9.9 and 11.4. A type that is none of them, or a column that is missing, stops every write.
var columnsWritten = map[string]map[string][]string{
	"posts": {
		"id": {varchar(26)}, "createat": {"int8"}, "updateat": {"int8"}, "editat": {"int8"}, "deleteat": {"int8"},
		"ispinned": {"bool"}, "userid": {varchar(26)}, "channelid": {varchar(26)}, "rootid": {varchar(26)},
		"originalid": {varchar(26)}, "message": {varchar(65535)}, "type": {varchar(26)}, "props": {"jsonb"},
		"hashtags": {varchar(1000)}, "filenames": {varchar(4000)}, "fileids": {varchar(300)}, "hasreactions": {"bool"},
		"remoteid": {varchar(26)},
	},
	"reactions": {
		"userid": {varchar(26)}, "postid": {varchar(26)}, "emojiname": {varchar(64)}, "createat": {"int8"},
		"updateat": {"int8"}, "deleteat": {"int8"}, "remoteid": {varchar(26)}, "channelid": {varchar(26)},
	},
	"threads": {
		"postid": {varchar(26)}, "channelid": {varchar(26)}, "replycount": {"int8"}, "lastreplyat": {"int8"},
		"participants": {"jsonb"}, "threadteamid": {varchar(26)},
	},
	"threadmemberships": {
		"postid": {varchar(26)}, "userid": {varchar(26)}, "following": {"bool"}, "lastviewed": {"int8"},
		"lastupdated": {"int8"}, "unreadmentions": {"int8"},
	},
	"fileinfo": {
		"id": {varchar(26)}, "creatorid": {varchar(26)}, "deleteat": {"int8"}, "postid": {varchar(26)}, "channelid": {varchar(26)},
		"createat": {"int8"}, "updateat": {"int8"}, "name": {varchar(256)}, "extension": {varchar(64)},
		"mimetype": {varchar(256)}, "previewpath": {varchar(512)}, "haspreviewimage": {"bool"},
		"width": {"int4"}, "height": {"int4"},
	},
	"channels": {
		"id": {varchar(26)}, "lastpostat": {"int8"}, "lastrootpostat": {"int8"}, "totalmsgcount": {"int8"},
		"totalmsgcountroot": {"int8"},
	},
	"channelmembers": {
		"channelid": {varchar(26)}, "userid": {varchar(26)}, "msgcount": {"int8"}, "msgcountroot": {"int8"},
		"mentioncount": {"int8"}, "lastviewedat": {"int8"}, "lastupdateat": {"int8"},
	},
}

// tablesWithNewRows are those that get rows of ours: a column there that we do not know must be able to stay empty.
var tablesWithNewRows = map[string]bool{"posts": true, "reactions": true, "threads": true, "threadmemberships": true}
