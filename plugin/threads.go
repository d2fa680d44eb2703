package main

import "context"

// threadsTaken answers for each post of each thread, in the order in which they were sent, the root first.
type threadsTaken struct {
	Threads [][]answer `json:"threads"`
}

// takeThreads brings threads of posts in. Answered is what is committed.
func (p *importer) takeThreads(ctx context.Context, raw []byte) (any, error) {
	body, err := decodeThreads(raw)
	if err != nil {
		return nil, err
	}
	threads := make([]*threadIn, len(body.Threads))
	for i := range body.Threads {
		threads[i] = &body.Threads[i]
	}
	together := func(threads []*threadIn) ([][]answer, error) { return p.writeTogether(ctx, threads) }
	answers, err := halved(threads, together, refusedAlone)
	return threadsTaken{Threads: append([][]answer{}, answers...)}, err
}
