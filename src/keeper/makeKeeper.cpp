#include "keeper/EmbeddedKeeper.h"
#include "keeper/ZooKeeperKeeper.h"

namespace mangrove
{

KeeperPtr makeKeeper(const std::string & address, const std::string & data_dir)
{
    if (address == "embedded")
        return std::make_shared<EmbeddedKeeper>(data_dir, SystemClock::instance());
    return std::make_shared<ZooKeeperKeeper>(address);
}

}
