package out

import "golang.org/x/sys/windows"

const (
	errNoSpace  = windows.ERROR_DISK_FULL
	errQuota    = windows.ERROR_DISK_QUOTA_EXCEEDED
	errReadOnly = windows.ERROR_WRITE_PROTECT

	openFlags   = 0
	waitNot     = 0
	folderFlags = 0
)
