package main

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestACounterTableIsRead(t *testing.T) {
	encoded := []byte{0, 9, 6, 0x80, 1, 0}
	table := readCounterTable(append(encoded, 1, 2, 0))
	assert.Equal(t, counterTable{{-1, 9}, {2, 137}}, table)
	assert.Equal(t, encoded, table.encode())
	assert.Equal(t, []int{-1, -1, 2, 2}, []int{table.at(0), table.at(8), table.at(9), table.at(136)})
}

func TestACounterTableHasTheValuesOfCalls(t *testing.T) {
	table := counterTable{{-1, 2}, {0, 4}, {1, 8}, {0, 9}}
	assert.Equal(t, counterTable{{0, 3}, {1, 4}, {0, endless}}, table.atCalls([]int{none, 2, 3, 7, 8, none}))
	assert.Empty(t, table.atCalls([]int{none}))
}

func TestTheSizeOfTheStackChangesBehindTheBeginning(t *testing.T) {
	for _, test := range []struct {
		before, after counterTable
	}{
		{counterTable{{0, 7}}, counterTable{{0, endless}}},
		{counterTable{{0, 1}, {48, 7}}, counterTable{{0, 1}, {48, endless}}},
		{counterTable{{0, 2}, {48, 7}}, nil},
		{counterTable{{0, 1}, {48, 3}, {0, 7}}, nil},
	} {
		after, ok := test.before.behindBeginning()
		assert.Equal(t, test.after, after)
		assert.Equal(t, test.after != nil, ok)
	}
}
