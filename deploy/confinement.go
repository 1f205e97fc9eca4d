package deploy

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"myca/live"
	"myca/templates"
)

// profile is the line of an AppArmor profile of a server that is enforced, in
// /sys/kernel/security/apparmor/profiles: "/usr/sbin/mysqld (enforce)".
var profile = regexp.MustCompile(`(?m)^(?:\S*/)?(mysqld|mariadbd) \(enforce\)$`)

// confinement tells when SELinux or AppArmor may keep the server from reading a
// folder although its owner and mode allow it. Both let it read /etc/mysql and
// /var/lib/mysql (mysql.fc of the SELinux reference policy; usr.sbin.mysqld of
// Ubuntu's mysql-server package); SELinux the rest of /etc too.
func (s Server) confinement(paths live.Files) []string {
	folder := filepath.Dir(paths.Key)
	within := func(roots ...string) bool {
		for _, root := range roots {
			if root != "" && strings.HasPrefix(folder+"/", strings.TrimSuffix(root, "/")+"/") {
				return true
			}
		}
		return false
	}
	var list []string
	enforce, err := s.Machine.ReadFile("/sys/fs/selinux/enforce")
	if err == nil && strings.TrimSpace(string(enforce)) == "1" && !within("/etc", "/var/lib/mysql", s.Facts.DataDir) {
		list = append(list, fmt.Sprintf("SELinux is enforcing and may keep the server from reading %q: semanage fcontext -a -t mysqld_etc_t %s && restorecon -R %s",
			folder, templates.Shell(folder+"(/.*)?"), templates.Shell(folder)))
	}
	profiles, err := s.Machine.ReadFile("/sys/kernel/security/apparmor/profiles")
	if found := profile.FindSubmatch(profiles); err == nil && found != nil && !within("/etc/mysql", "/var/lib/mysql") {
		name := "usr.sbin." + string(found[1])
		list = append(list, fmt.Sprintf("AppArmor may keep the server from reading %q: echo %s >> /etc/apparmor.d/local/%s && apparmor_parser -r /etc/apparmor.d/%s",
			folder, templates.Shell(folder+"/** r,"), name, name))
	}
	return list
}
