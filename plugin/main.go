// The server plugin of mm_pipeline: takes in threads of posts with authors, times and reactions, many rows per statement.
// It decides nothing about Slack, and writes nothing unless a system administrator asks it to.
package main

import "github.com/mattermost/mattermost/server/public/plugin"

func main() {
	plugin.ClientMain(&importer{})
}
