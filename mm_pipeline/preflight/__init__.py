"""The list that is read before anything is sent: one line for each thing that was looked at, and how to mend it. Sends nothing."""
