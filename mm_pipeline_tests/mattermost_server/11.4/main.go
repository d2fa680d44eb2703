// The real Mattermost server as its own module builds it. Of ours is one thing: LOOK_FOR_JOBS_EVERY_MS, for tests that need not wait.
package main

import (
	"os"
	"strconv"

	_ "github.com/mattermost/mattermost/server/v8/channels/app/oauthproviders/gitlab"
	_ "github.com/mattermost/mattermost/server/v8/channels/app/slashcommands"
	"github.com/mattermost/mattermost/server/v8/channels/jobs"
	"github.com/mattermost/mattermost/server/v8/cmd/mattermost/commands"
)

func main() {
	// The server's own is 15,000, "defining as `var` rather than `const` allows tests to lower the interval".
	if every, err := strconv.Atoi(os.Getenv("LOOK_FOR_JOBS_EVERY_MS")); err == nil && every > 0 {
		jobs.DefaultWatcherPollingInterval = every
	}
	if err := commands.Run(os.Args[1:]); err != nil {
		os.Exit(1)
	}
}
