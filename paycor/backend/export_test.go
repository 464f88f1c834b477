package backend

import "context"

// Sweep runs the job that deletes expired records.
func Sweep(ctx context.Context, b *Backend) error { return b.sweep(ctx) }
