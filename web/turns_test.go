package web_test

import (
	"net/http"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Lists wait for their turn and are refused when too many do. Other requests do not wait
// for them.
func TestListsTakeTurns(t *testing.T) {
	t.Parallel()
	h := newTestServer(t)
	started, finish := make(chan struct{}, 1000), make(chan struct{})
	h.service.onList = func() {
		started <- struct{}{}
		<-finish
	}
	var group sync.WaitGroup
	statuses := make(chan int, 300)
	for range cap(statuses) {
		group.Go(func() { statuses <- h.send("GET", "/api/v1/credentials", "", bearer).StatusCode })
	}
	<-started
	refused := <-statuses
	assert.Equal(t, http.StatusTooManyRequests, refused, "beyond those that may wait")
	assert.Equal(t, http.StatusOK, h.send("GET", "/api/v1/credentials/a", "", bearer).StatusCode)
	assert.Equal(t, http.StatusOK, h.send("GET", "/healthz", "").StatusCode)
	close(finish)
	group.Wait()
	close(statuses)
	count := map[int]int{refused: 1}
	for status := range statuses {
		count[status]++
	}
	require.Len(t, count, 2, "%v", count)
	assert.GreaterOrEqual(t, count[http.StatusOK], 64)
}
