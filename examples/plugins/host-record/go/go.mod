module host-record

go 1.21
