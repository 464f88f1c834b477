package backend

import "context"

// Sweep runs the job that deletes expired records.
func Sweep(ctx context.Context, b *Backend) error { return b.sweep(ctx) }

// Archive runs the job that archives old audit entries.
func Archive(ctx context.Context, b *Backend) error { return b.archive(ctx) }
