"""unpack_wheel.py <wheel> <folder> <prefix>...: unpacks those members whose names start with a prefix (zipfile checks each CRC)."""

import sys
import zipfile

wheel, folder, *prefixes = sys.argv[1:]
with zipfile.ZipFile(wheel) as archive:
    members = [name for name in archive.namelist() if name.startswith(tuple(prefixes))]
    if not members:
        sys.exit(f"{wheel} holds nothing named {' or '.join(prefixes)}")
    archive.extractall(folder, members)
