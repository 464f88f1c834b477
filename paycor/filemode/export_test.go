package filemode

// OthersOfGiven is OthersOfSecret of a file that root may have given to this process.
var OthersOfGiven = othersOfSecret
