package main

// columnsUsed are the columns that our statements write or read, by table, each with the types that were tried: seen alike on
// 9.9 and 11.4. A type that is none of them, or a column that is missing, stops every write.
var columnsUsed = map[string]map[string][]string{
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
		"mimetype": {varchar(256)}, "path": {varchar(512)}, "thumbnailpath": {varchar(512)}, "previewpath": {varchar(512)},
		"haspreviewimage": {"bool"}, "width": {"int4"}, "height": {"int4"},
	},
	"channels": {
		"id": {varchar(26)}, "createat": {"int8"}, "updateat": {"int8"}, "deleteat": {"int8"}, "teamid": {varchar(26)},
		"type": {"channel_type"}, "displayname": {varchar(64)}, "name": {varchar(64)}, "header": {varchar(1024)},
		"purpose": {varchar(250)}, "lastpostat": {"int8"}, "totalmsgcount": {"int8"}, "extraupdateat": {"int8"},
		"creatorid": {varchar(26)}, "schemeid": {varchar(26)}, "groupconstrained": {"bool"}, "shared": {"bool"},
		"totalmsgcountroot": {"int8"}, "lastrootpostat": {"int8"},
	},
	"publicchannels": {
		"id": {varchar(26)}, "deleteat": {"int8"}, "teamid": {varchar(26)}, "displayname": {varchar(64)},
		"name": {varchar(64)}, "header": {varchar(1024)}, "purpose": {varchar(250)},
	},
	"channelmembers": {
		"channelid": {varchar(26)}, "userid": {varchar(26)}, "roles": {varchar(256)}, "lastviewedat": {"int8"},
		"msgcount": {"int8"}, "mentioncount": {"int8"}, "notifyprops": {"jsonb"}, "lastupdateat": {"int8"},
		"schemeuser": {"bool"}, "schemeadmin": {"bool"}, "schemeguest": {"bool"}, "mentioncountroot": {"int8"},
		"msgcountroot": {"int8"}, "urgentmentioncount": {"int8"},
	},
	"channelmemberhistory": {"channelid": {varchar(26)}, "userid": {varchar(26)}, "jointime": {"int8"}},
	"teammembers": {
		"teamid": {varchar(26)}, "userid": {varchar(26)}, "roles": {varchar(256)}, "deleteat": {"int8"},
		"schemeuser": {"bool"}, "schemeadmin": {"bool"}, "schemeguest": {"bool"}, "createat": {"int8"},
	},
	"users": {
		"id": {varchar(26)}, "createat": {"int8"}, "updateat": {"int8"}, "deleteat": {"int8"}, "username": {varchar(64)},
		"password": {varchar(128)}, "authdata": {varchar(128)}, "authservice": {varchar(32)}, "email": {varchar(128)},
		"emailverified": {"bool"}, "nickname": {varchar(64)}, "firstname": {varchar(64)}, "lastname": {varchar(64)},
		"position": {varchar(128)}, "roles": {varchar(256)}, "allowmarketing": {"bool"}, "props": {"jsonb"},
		"notifyprops": {"jsonb"}, "lastpasswordupdate": {"int8"}, "lastpictureupdate": {"int8"}, "failedattempts": {"int4"},
		"locale": {varchar(5)}, "timezone": {"jsonb"}, "mfaactive": {"bool"}, "mfasecret": {varchar(128)},
		"remoteid": {varchar(26)},
	},
	// Longer values are taken since 10.0.
	"preferences": {
		"userid": {varchar(26)}, "category": {varchar(32)}, "name": {varchar(32)}, "value": {varchar(2000), "text"},
	},
	"teams": {
		"id": {varchar(26)}, "deleteat": {"int8"}, "alloweddomains": {varchar(1000)}, "groupconstrained": {"bool"},
	},
	"bots":           {"userid": {varchar(26)}},
	"usergroups":     {"id": {varchar(26)}, "deleteat": {"int8"}},
	"groupmembers":   {"groupid": {varchar(26)}, "userid": {varchar(26)}, "deleteat": {"int8"}},
	"groupteams":     {"groupid": {varchar(26)}, "teamid": {varchar(26)}, "deleteat": {"int8"}},
	"uploadsessions": {"id": {varchar(26)}},
}

// tablesWithNewRows are those that get rows of ours: a column there that we do not know must be able to stay empty.
var tablesWithNewRows = map[string]bool{
	"posts": true, "reactions": true, "threads": true, "threadmemberships": true, "users": true, "preferences": true,
	"teammembers": true, "channels": true, "channelmembers": true, "channelmemberhistory": true, "publicchannels": true,
}
