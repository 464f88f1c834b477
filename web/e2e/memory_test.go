package e2e_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/heapprofiler"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/require"
)

// heap is a snapshot of the page's JavaScript heap, taken after a garbage
// collection.
func (b *tab) heap() []byte {
	b.t.Helper()
	var (
		mu    sync.Mutex
		parts strings.Builder
	)
	require.NoError(b.t, chromedp.Listen(b.ctx, func(event any) {
		if chunk, ok := event.(*heapprofiler.EventAddHeapSnapshotChunk); ok {
			mu.Lock()
			defer mu.Unlock()
			parts.WriteString(chunk.Chunk)
		}
	}))
	call(b, heapprofiler.Enable, cdp.Empty{})
	call(b, heapprofiler.CollectGarbage, cdp.Empty{})
	call(b, heapprofiler.TakeHeapSnapshot, heapprofiler.TakeHeapSnapshotParams{})
	mu.Lock()
	defer mu.Unlock()
	return []byte(parts.String())
}

// lookThrough searches the bytes of every live object of a class, such as the
// memory of the page's program. The needles are encoded backwards, so that the
// search does not find itself.
const lookThrough = `function(encoded) {
	const needles = Object.entries(JSON.parse(encoded)).map(([name, b]) => [name, Uint8Array.from(atob(b), c => c.charCodeAt(0)).reverse()]);
	const found = []; let size = 0, buffers = 0;
	for (const object of this) {
		let bytes;
		try {
			const buffer = object instanceof WebAssembly.Memory ? object.buffer : object instanceof ArrayBuffer ? object : object.buffer;
			bytes = ArrayBuffer.isView(object) ? new Uint8Array(buffer, object.byteOffset, object.byteLength) : new Uint8Array(buffer);
		} catch { continue }
		size += bytes.length; buffers++;
		for (const [name, needle] of needles) {
			let at = -1;
			while ((at = bytes.indexOf(needle[0], at + 1)) >= 0) {
				let same = 1;
				while (same < needle.length && bytes[at + same] === needle[same]) same++;
				if (same === needle.length) {
					const before = String.fromCharCode(...bytes.subarray(Math.max(0, at - 48), at)).replace(/[^ -~]/g, ".");
					found.push(name + " behind " + before);
					break;
				}
			}
		}
	}
	return {found, size, buffers};
}`

// memoryResult is the result of a search in the page's memory.
type memoryResult struct {
	Found   []string
	Size    int64
	Buffers int
}

// plantedFinds returns the finds that prove that the search works.
func (l memoryResult) plantedFinds() []string {
	planted := []string{}
	for _, found := range l.Found {
		if strings.HasPrefix(found, "planted") {
			planted = append(planted, found)
		}
	}
	return planted
}

// memory searches every live object whose prototype the expression names.
func (b *tab) memory(prototype string, needles map[string][]byte) memoryResult {
	b.t.Helper()
	backwardsNeedles := map[string]string{}
	for name, needle := range needles {
		backwardsNeedles[name] = base64.StdEncoding.EncodeToString(backwards(string(needle)))
	}
	encoded, err := json.Marshal(backwardsNeedles)
	require.NoError(b.t, err)
	argument, err := json.Marshal(string(encoded))
	require.NoError(b.t, err)
	class := call(b, runtime.Evaluate, runtime.EvaluateParams{Expression: prototype, ObjectGroup: "memory"})
	objects := call(b, runtime.QueryObjects, runtime.QueryObjectsParams{PrototypeObjectID: class.Result.ObjectID, ObjectGroup: "memory"})
	result := call(b, runtime.CallFunctionOn, runtime.CallFunctionOnParams{
		FunctionDeclaration: lookThrough, ObjectID: objects.Objects.ObjectID, ReturnByValue: new(true),
		Arguments: []*runtime.CallArgument{{Value: argument}},
	})
	require.Nil(b.t, result.ExceptionDetails)
	var seen memoryResult
	require.NoError(b.t, json.Unmarshal(result.Result.Value, &seen))
	return seen
}
